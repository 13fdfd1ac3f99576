import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { directoryStore } from '../../src/store/directory.ts';
import { storeContract } from '../contract/store.ts';
import { tempFolder } from '../support/temp-folder.ts';

const fileOf = (root: string, digest: string): string =>
  join(root, 'sha256', digest.slice(7, 9), digest.slice(9));

storeContract('a directory', () => {
  const root = tempFolder();
  const damage = (digest: string): void => {
    chmodSync(fileOf(root, digest), 0o600);
    writeFileSync(fileOf(root, digest), 'other bytes');
  };
  return { store: directoryStore(root), damage };
});

test('a stored file is read-only and nothing temporary is left beside it', async () => {
  const root = tempFolder();
  const { digest } = await directoryStore(root).put('bread');
  await directoryStore(root).put('bread');
  expect(statSync(fileOf(root, digest)).mode & 0o777).toBe(0o444);
  expect(readdirSync(join(root, 'tmp'))).toEqual([]);
});
