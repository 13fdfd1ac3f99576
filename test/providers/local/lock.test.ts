import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { takeLock } from '../../../src/providers/local/lock.ts';
import { tempFolder } from '../../support/temp-folder.ts';

test('of many who take a lock at once exactly one has it', async () => {
  const folder = tempFolder();
  const taken = await Promise.all(Array.from({ length: 20 }, () => takeLock(folder)));
  expect(taken.filter((release) => release !== undefined)).toHaveLength(1);
});

test('a lock that was given back can be taken again, and its files do not pile up', async () => {
  const folder = tempFolder();
  for (let turn = 0; turn < 5; turn++) {
    const release = await takeLock(folder);
    expect(release).toBeDefined();
    expect(await takeLock(folder)).toBeUndefined();
    await release?.();
  }
  expect(readdirSync(folder)).toHaveLength(1);
});

test('a lock whose holder was killed is taken over by exactly one', async () => {
  const folder = tempFolder();
  const built = fileURLToPath(new URL('../../../dist/providers/local/lock.js', import.meta.url));
  const work = `
    const { takeLock } = await import(${JSON.stringify(built)});
    await takeLock(${JSON.stringify(folder)});
    process.kill(process.pid, 'SIGKILL');`;
  await once(spawn(process.execPath, ['--input-type=module', '-e', work]), 'exit');
  const taken = await Promise.all(Array.from({ length: 20 }, () => takeLock(folder)));
  expect(taken.filter((release) => release !== undefined)).toHaveLength(1);
});
