import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PlainPaths } from '../../../src/providers/docker/plain-paths.ts';

type Entry = [path: string, kind: 'File' | 'SymbolicLink' | 'Directory'];

const arePlain = (...entries: Entry[]): boolean => {
  const paths = new PlainPaths();
  for (const [path, kind] of entries) paths.add(path, kind);
  return paths.arePlain();
};

test('files, folders and links at their own paths are plain, in whatever order', () => {
  expect(
    arePlain(
      ['./', 'Directory'],
      ['./lib/', 'Directory'],
      ['./lib/index.js', 'File'],
      ['bin/run', 'SymbolicLink'],
      ['bin', 'Directory'],
      ['server.js', 'File'],
    ),
  ).toBe(true);
});

test.each<[string, Entry[]]>([
  [
    'a path that comes twice',
    [
      ['a', 'File'],
      ['./a', 'File'],
    ],
  ],
  [
    'what lies behind a link',
    [
      ['a', 'SymbolicLink'],
      ['a/b', 'File'],
    ],
  ],
  [
    'what lies behind a link that comes later',
    [
      ['a/b', 'File'],
      ['a', 'SymbolicLink'],
    ],
  ],
  [
    'a folder in the place of a file',
    [
      ['a', 'File'],
      ['a/', 'Directory'],
    ],
  ],
  ['a path that leaves the folder', [['../a', 'File']]],
  ['a path from the root', [['/etc/passwd', 'File']]],
  ['what takes away a file of a lower layer', [['lib/.wh.index.js', 'File']]],
])('%s is not plain', (_, entries) => {
  expect(arePlain(['ok.js', 'File'], ...entries)).toBe(false);
});

test('one odd entry is enough, wherever it stands', () => {
  const odd = fc.constantFrom<Entry>(['x/../y', 'File'], ['.wh.z', 'File'], ['file-0', 'File']);
  fc.assert(
    fc.property(fc.nat(20), fc.nat(20), odd, (before, after, entry) => {
      const file = (at: number): Entry => [`file-${at}`, 'File'];
      const files = Array.from({ length: before + after + 1 }, (_, at) => file(at));
      files.splice(before, 0, entry);
      expect(arePlain(...files)).toBe(false);
    }),
  );
});
