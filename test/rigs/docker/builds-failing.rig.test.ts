import { expect, test } from 'vitest';
import { build } from '../../../src/pipeline/tasks/build.ts';
import { taskCall } from '../../support/task-bench.ts';
import { buildOf, serviceFile, world } from './builds-world.ts';

test('a command that fails says so with its exit code and last lines', async () => {
  const { outcome } = await buildOf(serviceFile("console.error('no such type'); process.exit(3)"));
  expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'command failed' } });
  if (outcome.is !== 'failed') return;
  expect(outcome.failure.sentence).toContain('exit code 3');
  expect(outcome.failure.lines?.join()).toContain('no such type');
});

test('a command that is not in the image is told by its name and exit code', async () => {
  const text = serviceFile('0').replace('[node, -e, "0"]', '[no-such-compiler]');
  const { outcome } = await buildOf(text);
  if (outcome.is !== 'failed') throw new Error(outcome.is);
  expect(outcome.failure.sentence).toContain('exit code 127');
  expect(outcome.failure.sentence).toContain('no-such-compiler');
});

test('a build that eats its memory is ended alone, and its log says why', async () => {
  const { outcome } = await buildOf(
    serviceFile('const kept = []; for (;;) kept.push(Buffer.alloc(16 * 1024 * 1024, 1))'),
  );
  if (outcome.is !== 'failed') throw new Error(outcome.is);
  expect(outcome.failure.lines?.join()).toContain('more than its 256 MB of memory');
});

test('a build may not start more processes than its limit', async () => {
  const compile =
    "const { spawn } = require('child_process'); let refused = 0; const kept = []; for (let i = 0; i < 80; i++) { const one = spawn('sleep', ['5']); one.on('error', () => refused++); kept.push(one); } setTimeout(() => { console.log('refused', refused > 0); for (const one of kept) one.kill(); process.exit(0); }, 1000)";
  const { lines } = await buildOf(serviceFile(compile));
  expect(lines).toContain('refused true');
});

test('a build that takes too long is killed with its container, and nothing is left', async () => {
  const { outcome } = await buildOf(
    serviceFile("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)", { timeout: '1s' }),
  );
  expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'timeout' } });
});

test('a build that is cancelled in the middle is killed with its container, and nothing is left', async () => {
  const { tools, input } = world({
    'bakery.yaml': serviceFile("console.log('here'); setInterval(() => {}, 1000)"),
  });
  const cancel = new AbortController();
  const { call } = taskCall({
    signal: cancel.signal,
    log: (line) => {
      if (line === 'here') cancel.abort();
    },
  });
  await expect(
    build
      .run(input, tools(), call)
      .then((outcome) => (outcome.is === 'failed' ? outcome.failure.fault : outcome.is)),
  ).resolves.toBe('aborted');
});
