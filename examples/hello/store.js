import { createServer } from 'node:net';

/** A tiny key-value store on TCP: `INCR name` and `GET name`, one command a line, one number a line back. */
const values = new Map();
const commands = {
  INCR: (name) => {
    values.set(name, (values.get(name) ?? 0) + 1);
    return values.get(name);
  },
  GET: (name) => values.get(name) ?? 0,
};

const server = createServer({ allowHalfOpen: true }, (socket) => {
  let open = '';
  socket.setEncoding('utf8');
  socket.on('data', (text) => {
    const lines = (open + text).split('\n');
    open = lines.pop() ?? '';
    for (const line of lines) {
      const [command = '', name = ''] = line.split(' ');
      socket.write(`${commands[command]?.(name) ?? 'unknown command'}\n`);
    }
  });
  socket.once('end', () => socket.end());
  socket.on('error', () => socket.destroy());
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log(server.address().port));
process.once('SIGTERM', () => process.exit(0));
