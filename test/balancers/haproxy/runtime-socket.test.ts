import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { askHaproxy } from '../../../src/balancers/haproxy/runtime-socket.ts';
import { tempFolder } from '../../support/temp-folder.ts';

it('who asks while too many others wait to be let in waits for its turn', async () => {
  const path = join(tempFolder(), 'admin.sock');
  const server = createServer((socket) => {
    socket.on('data', (line) => socket.end(`heard ${line.toString().trim()}\n`));
  });
  // Room for one that waits: the next ones are turned away until the event loop has let it in.
  await new Promise<void>((ready) => server.listen({ path, backlog: 1 }, ready));
  onTestFinished(() => void server.close());
  const lines = Array.from({ length: 30 }, (_, index) => `show ${index}`);
  const answers = await Promise.all(lines.map((line) => askHaproxy(path, line, 5_000)));
  expect(answers).toEqual(lines.map((line) => `heard ${line}\n`));
});

it('a socket that nobody listens on is unreachable at once', async () => {
  const path = join(tempFolder(), 'admin.sock');
  await expect(askHaproxy(path, 'show info', 5_000)).rejects.toMatchObject({ fault: 'unreachable' });
});
