import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { contextOf } from '../../../src/providers/docker/context.ts';
import { bomOf } from '../../../src/providers/manifest/bom.ts';
import {
  apkPackages,
  debPackages,
  npmPackage,
  pypiPackage,
} from '../../../src/providers/manifest/package-list.ts';
import { readTree } from '../../../src/providers/manifest/read-tree.ts';

const status = `Package: curl
Status: install ok installed
Version: 7.88.1-10
Description: command line tool
 Version: 0 in the description is not the version

Package: gone
Status: deinstall ok config-files
Version: 1
`;

test("dpkg's status names what is installed, and not what was removed", () => {
  expect(debPackages(status)).toEqual([{ kind: 'deb', name: 'curl', version: '7.88.1-10' }]);
});

test('the databases of apk, npm and pip are read', () => {
  expect(apkPackages('C:Q1x=\nP:musl\nV:1.2.4-r2\nA:x86_64\n\nP:zlib\nV:1.3\n')).toEqual([
    { kind: 'apk', name: 'musl', version: '1.2.4-r2' },
    { kind: 'apk', name: 'zlib', version: '1.3' },
  ]);
  expect(npmPackage('{"name":"@a/b","version":"1.0.0"}')).toEqual({
    kind: 'npm',
    name: '@a/b',
    version: '1.0.0',
  });
  expect(npmPackage('{"type":"module"}')).toBeUndefined();
  expect(npmPackage('not json')).toBeUndefined();
  expect(
    pypiPackage('Metadata-Version: 2.1\nName: flask\nVersion: 3.0.0\n\nVersion: 9 of the text\n'),
  ).toEqual({
    kind: 'pypi',
    name: 'flask',
    version: '3.0.0',
  });
});

const file = (path: string, content: string) => ({ path, mode: 0o644, content });
const files = [
  file('var/lib/dpkg/status', status),
  file('app/node_modules/@a/b/package.json', '{"name":"@a/b","version":"1.0.0"}'),
  file('app/node_modules/@a/b/lib/package.json', '{"name":"inner","version":"1.0.0"}'),
  file('etc/hosts', "the engine's own"),
  file('var/lib/rpm/rpmdb.sqlite', 'x'),
];

test('a file system is read as it streams: files by digest, packages by their lists', async () => {
  const tree = await readTree(contextOf(files));
  expect(tree.packages).toEqual([
    { kind: 'deb', name: 'curl', version: '7.88.1-10' },
    { kind: 'npm', name: '@a/b', version: '1.0.0' },
  ]);
  expect(tree.unread).toEqual(['var/lib/rpm/rpmdb.sqlite']);
  expect(tree.entries.map(({ path }) => path)).not.toContain('etc/hosts');
  expect(tree.entries).toContainEqual({
    path: 'var/lib/rpm/rpmdb.sqlite',
    kind: 'file',
    mode: '644',
    size: 1,
    digest: 'sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
  });
});

test('a file system that is cut off in the middle is an error, not a short list', async () => {
  const whole = Buffer.concat(await contextOf(files).toArray());
  await expect(readTree(Readable.from([whole.subarray(0, 700)]))).rejects.toThrow();
});

test('the same content gives the same bill of materials, without a time', async () => {
  const origin = { service: 'hello', version: 'v1', base: 'debian:bookworm', baseDigest: 'sha256:b' };
  const [one, other] = [await readTree(contextOf(files)), await readTree(contextOf(files.toReversed()))];
  const bom = bomOf(one, origin);
  expect(bomOf(other, origin)).toBe(bom);
  expect(JSON.parse(bom)).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
  expect(bom).toContain('pkg:npm/%40a/b@1.0.0');
  expect(bom).toContain('pkg:deb/debian/curl@7.88.1-10');
});
