import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/** A service as a rig's member: `node service.mjs <id>`. Says its port on the first line; ends well on SIGTERM. */
const id = process.argv[2];
const block = Buffer.alloc(1024 * 1024, id);
const megabytes = 50;

const server = createServer((request, response) => {
  response.setHeader('x-member', id);
  if (request.url === '/slow') return void setTimeout(() => response.end(id), 2_000);
  if (request.url === '/upload') return void upload(request, response);
  if (request.url === '/download') return void download(response);
  response.end(id);
});

function upload(request, response) {
  let size = 0;
  request.on('data', (chunk) => {
    size += chunk.length;
  });
  request.on('end', () => response.end(String(size)));
}

function download(response) {
  response.setHeader('content-length', megabytes * block.length);
  let left = megabytes;
  const more = () => {
    while (left > 0) {
      left -= 1;
      if (!response.write(block)) return void response.once('drain', more);
    }
    response.end();
  };
  more();
}

/** Each short masked text frame comes back as `<id> <text>`; enough of RFC 6455 for a test. */
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on('error', () => socket.destroy());
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const length = (rest[1] ?? 0) & 0x7f;
      if (rest.length < 6 + length) return;
      const mask = rest.subarray(2, 6);
      const text = Buffer.from(rest.subarray(6, 6 + length).map((byte, i) => byte ^ mask[i % 4]));
      if ((rest[0] & 0x0f) === 8) return void socket.end();
      const answer = Buffer.from(`${id} ${text}`);
      socket.write(Buffer.concat([Buffer.from([0x81, answer.length]), answer]));
      rest = rest.subarray(6 + length);
    }
  });
});

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
