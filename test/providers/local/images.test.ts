import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { create, Header } from 'tar';
import { expect, test } from 'vitest';
import type { Mark } from '../../../src/pipeline/domain/task.ts';
import type { BakeOrder } from '../../../src/pipeline/provider.ts';
import { localProvider } from '../../../src/providers/local/index.ts';
import { bootId } from '../../../src/providers/local/process.ts';
import { directoryStore } from '../../../src/store/directory.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { describe, tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const mark: Mark = {
  owner: 'us',
  service: 'hello',
  version: 1,
  environment: 'verify',
  effect: 'bake-1',
  generation: 1,
  epoch: 0,
};

const bakery = () => {
  const root = tempFolder();
  const store = directoryStore(tempFolder());
  const provider = localProvider({ root, keep: (text) => store.put(text), now: Date.now });
  const bake = (made: Pick<BakeOrder, 'package' | 'packageFile'>, over: Partial<BakeOrder> = {}) => {
    const recipe = { base: '', packages: [], start: ['node', 'server.js'] };
    return settle(() =>
      provider.bake({ ...made, recipe, files: new Map(), sha: 'a'.repeat(40), mark, ...over }, freeCall()),
    );
  };
  const images = (): string[] => readdirSync(join(root, 'images'));
  return { root, store, provider, bake, images, files: (id: string) => join(root, 'images', id, 'files') };
};

/** A tar of one entry whose header says whatever it likes. */
const forged = (header: ConstructorParameters<typeof Header>[0]) => {
  const block = Buffer.alloc(512);
  new Header({ mode: 0o644, size: 0, mtime: new Date(0), type: 'File', ...header } as object).encode(block);
  const packageFile = join(tempFolder(), 'forged.tar');
  writeFileSync(packageFile, Buffer.concat([block, Buffer.alloc(1024)]));
  return { package: describe(packageFile), packageFile };
};

test('an image is a read-only tree with its manifest, digest and size', async () => {
  const { bake, files, root } = bakery();
  const image = await bake(await tarOf(tempFolder(), { 'server.js': 'hello', 'lib/a.js': 'abc' }));
  expect(readFileSync(join(files(image.id), 'lib/a.js'), 'utf8')).toBe('abc');
  expect(statSync(join(files(image.id), 'lib/a.js')).mode & 0o777).toBe(0o444);
  expect(statSync(join(files(image.id), 'lib')).mode & 0o777).toBe(0o555);
  expect(image.size).toBe(8);
  const manifest = JSON.parse(readFileSync(join(root, 'images', image.id, 'manifest.json'), 'utf8'));
  expect(manifest).toMatchObject({ digest: image.digest, madeBy: { node: process.version } });
  expect(manifest.entries.map((entry: { path: string }) => entry.path)).toEqual([
    'lib',
    'lib/a.js',
    'server.js',
  ]);
});

test('the manifest of an image lies in the store, also of one that another release made', async () => {
  const { bake, store } = bakery();
  const made = await tarOf(tempFolder(), { 'server.js': 'hello' });
  const first = await bake(made);
  const manifest = JSON.parse(await text(await store.get(first.manifest)));
  expect(manifest.entries).toMatchObject([{ path: 'server.js', kind: 'file' }]);
  const taken = await bake(made, { mark: { ...mark, effect: 'bake-2', version: 2 } });
  expect(taken).toMatchObject({ reused: true, manifest: first.manifest });
});

test('the same inputs give the same digest and manifest in another installation', async () => {
  const made = await tarOf(tempFolder(), { 'server.js': 'hello' });
  expect(await bakery().bake(made)).toEqual(await bakery().bake(made));
});

test('a gzipped tar is unpacked, any other file is copied in under its name', async () => {
  const { bake, files } = bakery();
  const zipped = await bake(await tarOf(tempFolder(), { 'server.js': 'hello' }, 'package.tar.gz'));
  expect(readdirSync(files(zipped.id))).toEqual(['server.js']);
  const packageFile = join(tempFolder(), 'tool.bin');
  writeFileSync(packageFile, 'binary');
  const copied = await bake({ package: describe(packageFile), packageFile });
  expect(readdirSync(files(copied.id))).toEqual(['tool.bin']);
});

test('paths that lead outside are refused and leave nothing', async () => {
  const { bake, images } = bakery();
  for (const path of ['../evil', '/etc/evil', 'lib/../../evil', 'a/../b']) {
    await expect(bake(forged({ path }))).rejects.toMatchObject({ fault: 'denied' });
  }
  expect(images()).toEqual([]);
});

test('links that lead outside are refused, also by a detour, and devices too', async () => {
  const { bake, images } = bakery();
  const outside = [
    forged({ path: 'link', type: 'SymbolicLink', linkpath: '/etc' }),
    forged({ path: 'lib/link', type: 'SymbolicLink', linkpath: '../../etc' }),
    forged({ path: 'link', type: 'Link', linkpath: '../../etc/passwd' }),
    forged({ path: 'null', type: 'CharacterDevice' }),
    forged({ path: 'dangling', type: 'SymbolicLink', linkpath: 'nowhere' }),
  ];
  for (const made of outside) await expect(bake(made)).rejects.toMatchObject({ fault: 'denied' });
  const detour = tempFolder();
  mkdirSync(join(detour, 'content/d/e'), { recursive: true });
  symlinkSync('../..', join(detour, 'content/d/e/up'));
  symlinkSync('d/e/up/..', join(detour, 'content/out'));
  const packageFile = join(detour, 'detour.tar');
  await create({ file: packageFile, cwd: join(detour, 'content') }, ['d', 'out']);
  await expect(bake({ package: describe(packageFile), packageFile })).rejects.toMatchObject({
    fault: 'denied',
  });
  expect(images()).toEqual([]);
});

test('a link inside of the package stays a link', async () => {
  const { bake, files } = bakery();
  const folder = tempFolder();
  writeFileSync(join(folder, 'server.js'), 'hello');
  symlinkSync('server.js', join(folder, 'main.js'));
  const packageFile = join(tempFolder(), 'linked.tar');
  await create({ file: packageFile, cwd: folder }, ['server.js', 'main.js']);
  const image = await bake({ package: describe(packageFile), packageFile });
  expect(readFileSync(join(files(image.id), 'main.js'), 'utf8')).toBe('hello');
});

test('an archive that is broken is the fault "no package"', async () => {
  const { bake, images } = bakery();
  for (const name of ['broken.tar', 'broken.tar.gz']) {
    const packageFile = join(tempFolder(), name);
    writeFileSync(packageFile, 'this is no archive '.repeat(100));
    await expect(bake({ package: describe(packageFile), packageFile })).rejects.toMatchObject({
      fault: 'no package',
    });
  }
  expect(images()).toEqual([]);
});

test('a base or OS packages are denied with a sentence', async () => {
  const { bake } = bakery();
  const made = await tarOf(tempFolder(), { 'server.js': 'hello' });
  const recipe = { base: 'debian:bookworm', packages: [], start: ['node'] };
  await expect(bake(made, { recipe })).rejects.toThrow('debian:bookworm');
  await expect(bake(made, { recipe: { ...recipe, base: '', packages: ['curl'] } })).rejects.toThrow(
    'cannot install OS packages (curl)',
  );
});

test('what a killed worker left half made is swept by the next bake', async () => {
  const { bake, root, images } = bakery();
  const left = join(root, 'images', `aside.${bootId()}.1.1.abcdef`);
  mkdirSync(join(left, 'files'), { recursive: true });
  chmodSync(join(left, 'files'), 0o555);
  const image = await bake(await tarOf(tempFolder(), { 'server.js': 'hello' }));
  expect(images()).toEqual([image.id]);
  expect(existsSync(left)).toBe(false);
});

test('an image whose file was changed is inspected as changed', async () => {
  const { provider, bake, files } = bakery();
  const image = await bake(await tarOf(tempFolder(), { 'server.js': 'hello', 'lib/a.js': 'abc' }));
  const file = join(files(image.id), 'lib/a.js');
  chmodSync(file, 0o644);
  writeFileSync(file, 'abd');
  chmodSync(file, 0o444);
  expect(await provider.inspectImage(image, freeCall())).toMatchObject({ state: 'changed' });
  const another = { ...image, manifest: `sha256:${'0'.repeat(64)}` };
  expect(await provider.inspectImage(another, freeCall())).toMatchObject({ state: 'changed' });
});
