import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../src/ops/folder.ts';
import { tempFolder } from '../support/temp-folder.ts';

it('a folder is made with those above it, for its owner alone, and found when it is there', () => {
  const folder = join(tempFolder(), 'a', 'b');
  makeFolder(folder);
  makeFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

it('a folder that cannot be made is said, and nobody waits for it', () => {
  const file = join(tempFolder(), 'file');
  writeFileSync(file, '');
  expect(() => makeFolder(join(file, 'below'))).toThrow(
    /below cannot be made \(ENOTDIR\)\. Nothing was started/,
  );
  // A place in which the system lets nobody make anything.
  expect(() => makeFolder('/proc/nothing/of/bakery')).toThrow(/\/proc\/nothing cannot be made \(/);
});
