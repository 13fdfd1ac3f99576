// Takes one piece of work after the other: here, one line a second. On SIGTERM it takes no more, finishes what it has
// begun, and ends.
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const work = Number(process.env.WORK_MS ?? 1000);
/** What it did goes to its output, and to a file where a setting names one. */
const tell = (line) => {
  console.log(line);
  if (process.env.JOURNAL !== undefined) appendFileSync(process.env.JOURNAL, `${line}\n`);
};
let ending = false;
process.on('SIGTERM', () => {
  ending = true;
});

// Bakery asks here whether it is well. Nobody else does: it gets no traffic.
const server = createServer((_request, response) => response.end('ok\n'));
server.listen(Number(process.env.PORT), process.env.HOST);

for (let number = 1; !ending; number++) {
  tell(`began ${number}`);
  await pause(work);
  tell(`finished ${number}`);
}
server.close();
server.closeAllConnections();
