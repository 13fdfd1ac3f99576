import { randomBytes } from 'node:crypto';
import { linkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import { expect, onTestFinished, test } from 'vitest';
import type { Image } from '../../../src/pipeline/domain/image.ts';
import type { Mark } from '../../../src/pipeline/domain/task.ts';
import type { BakeOrder } from '../../../src/pipeline/provider.ts';
import { dockerProvider } from '../../../src/providers/docker/index.ts';
import type { Manifest } from '../../../src/providers/docker/manifest.ts';
import { services, start } from '../../support/bakery-services.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { describe as describePackage, tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { bake, json, orderOf } from './baking-world.ts';
import { base, docker, markFor, settings, store, withRegistry } from './docker-world.ts';

test('a manifest names the base, the packages and every file by its digest', async () => {
  const provider = dockerProvider('docker', settings());
  const files = { 'node_modules/left-pad/package.json': '{"name":"left-pad","version":"1.3.0"}' };
  const image = await bake(provider, await orderOf({}, files));
  const manifest = await json<Manifest>(image.manifest);
  expect(manifest.base).toEqual({ name: base(), digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
  expect(manifest.packages).toContainEqual({ kind: 'npm', name: 'left-pad', version: '1.3.0' });
  const served = manifest.entries.find(({ path }) => path === 'app/serve.js');
  const { digest } = await store.put(services['serve.js']);
  expect(served).toMatchObject({ kind: 'file', digest });
  const bom = await json<{
    bomFormat: string;
    specVersion: string;
    components: { purl?: string; name: string }[];
  }>(manifest.bom);
  expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
  expect(bom.components.map(({ purl }) => purl)).toContain('pkg:npm/left-pad@1.3.0');
  expect(bom.components.map(({ name }) => name)).toContain('app/serve.js');
});

/** How often the engine was asked for files that are in what was made for a mark. */
const timesRead = ({ effect }: Mark): number => {
  const reading = ['event=export', 'event=archive-path', `label=bakery.effect=${effect}`];
  const filters = reading.flatMap((one) => ['--filter', one]);
  // The engine takes whole seconds: it is asked up to the end of this one.
  const until = String(Math.ceil(Date.now() / 1000));
  const told = docker('events', '--since', '10m', '--until', until, '--format', '{{.Action}}', ...filters);
  return told.split('\n').filter(Boolean).length;
};

interface Twice {
  told: Image;
  timesRead: number;
  whole: Image;
}

/** The image of an order by a worker that has read another of its recipe, and by one that reads it whole. */
async function twice(order: BakeOrder, first: Pick<BakeOrder, 'package' | 'packageFile'>): Promise<Twice> {
  const known = dockerProvider('docker', settings());
  await bake(known, { ...order, ...first, mark: markFor('bake') });
  const told = await settle(() => known.bake(order, freeCall()));
  const times = timesRead(order.mark);
  await known.removeImage(told.id, freeCall());
  const whole = await bake(dockerProvider('docker', settings()), { ...order, mark: markFor('bake') });
  return { told, timesRead: times, whole };
}

test('the manifest that a package foretells is the one of an image that is read whole', async () => {
  const files = { 'node_modules/left-pad/package.json': '{"name":"left-pad","version":"1.3.0"}' };
  const first = await tarOf(tempFolder(), { ...services, 'gone.txt': 'only in the first' });
  const { told, whole, ...seen } = await twice(await orderOf({}, files), first);
  expect(told.manifest).toBe(whole.manifest);
  expect(seen.timesRead).toBe(0);
  const { entries } = await json<Manifest>(whole.manifest);
  const paths = entries.map(({ path }) => path);
  expect(paths).toContain('app/node_modules/left-pad/package.json');
  expect(paths).not.toContain('app/gone.txt');
});

test('what lies in the place of a package before it is in the manifest, whatever packages bring', async () => {
  const conf = tempFolder();
  const { packageFile } = await tarOf(conf, { x: 'from the recipe' });
  const recipe = {
    base: base(),
    packages: [],
    start: start.serves,
    files: [{ path: '/app/config.json', from: 'x', mode: 0o600, digest: 'sha256:x' }],
  };
  const order = await orderOf({ recipe, files: new Map([['/app/config.json', packageFile]]) });
  const first = await tarOf(tempFolder(), { ...services, 'config.json': 'from the package' });
  const { told, whole, ...seen } = await twice(order, first);
  expect(told.manifest).toBe(whole.manifest);
  expect(seen.timesRead).toBe(1);
  const { entries } = await json<Manifest>(whole.manifest);
  expect(entries).toContainEqual(expect.objectContaining({ path: 'app/config.json', mode: '600' }));
});

test('a base that has to be fetched anew is in the manifest by its digest', async () => {
  const name = `${withRegistry().registry?.repository}/base:${randomBytes(4).toString('hex')}`;
  docker('tag', base(), name);
  docker('push', '--quiet', name);
  const recipe = { base: name, packages: [], start: start.serves };
  const provider = dockerProvider('docker', settings());
  const first = await bake(provider, await orderOf({ recipe }));
  docker('image', 'rm', name);
  const second = await bake(provider, await orderOf({ recipe, mark: markFor('bake') }, { 'new.txt': '' }));
  docker('image', 'rm', name);
  const [one, other] = [await json<Manifest>(first.manifest), await json<Manifest>(second.manifest)];
  expect(one.base.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(other.base).toEqual(one.base);
});

test('a package with a hard link, and one that comes after another base, are read from the image', async () => {
  const first = await tarOf(tempFolder(), services);
  const folder = tempFolder();
  await tarOf(folder, services);
  linkSync(join(folder, 'content', 'serve.js'), join(folder, 'content', 'linked.js'));
  const linked = join(folder, 'linked.tar');
  await create({ file: linked, cwd: join(folder, 'content') }, ['.']);
  const order = await orderOf({ packageFile: linked, package: describePackage(linked) });
  const { told, whole, ...seen } = await twice(order, first);
  expect(told.manifest).toBe(whole.manifest);
  expect(seen.timesRead).toBe(1);

  const moving = `bakery-rig-moving:${randomBytes(4).toString('hex')}`;
  onTestFinished(() => void docker('image', 'rm', '--force', moving));
  docker('tag', base(), moving);
  const known = dockerProvider('docker', settings());
  const recipe = { base: moving, packages: [], start: start.serves };
  await bake(known, await orderOf({ recipe }));
  const container = docker('create', base(), 'true').trim();
  const note = join(folder, 'note.txt');
  writeFileSync(note, 'moved');
  docker('cp', note, `${container}:/note.txt`);
  docker('commit', container, moving);
  docker('rm', container);
  const moved = await orderOf({ recipe, mark: markFor('bake') }, { 'new.txt': '' });
  const after = await bake(known, moved);
  expect(timesRead(moved.mark)).toBeGreaterThan(0);
  const { entries } = await json<Manifest>(after.manifest);
  expect(entries.map(({ path }) => path)).toEqual(expect.arrayContaining(['note.txt', 'app/new.txt']));
});
