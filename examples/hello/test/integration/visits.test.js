import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';

const children = [];
after(() => {
  for (const child of children) child.kill('SIGTERM');
});

/** Starts one of our processes and waits for the line in which it says its port. */
const start = async (file, env) => {
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(createInterface(child.stdout), 'line');
  return { child, port: Number(/(\d+)$/.exec(line)[1]) };
};

test('visits are counted in the store, across two servers', async () => {
  const store = await start('store.js', {});
  const STORE_URL = `tcp://127.0.0.1:${store.port}`;
  const servers = await Promise.all([start('server.js', { STORE_URL }), start('server.js', { STORE_URL })]);
  const visits = [];
  for (const { port } of [...servers, ...servers]) {
    visits.push((await (await fetch(`http://127.0.0.1:${port}/`)).json()).visits);
  }
  assert.deepEqual(visits, [1, 2, 3, 4]);
});

test('a server told to end finishes the request in flight', async () => {
  const { child, port } = await start('server.js', {});
  const answer = fetch(`http://127.0.0.1:${port}/`);
  assert.equal((await answer).status, 200);
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
});
