import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, linkSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { create } from 'tar';
import { expect, onTestFinished, test } from 'vitest';
import { withPackageOf } from '../../../src/cli/submit-image.ts';
import type { Image } from '../../../src/pipeline/domain/image.ts';
import type { BakeOrder } from '../../../src/pipeline/provider.ts';
import { dockerProvider } from '../../../src/providers/docker/index.ts';
import type { Manifest } from '../../../src/providers/docker/manifest.ts';
import { services, start } from '../../support/bakery-services.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { describe as describePackage, tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { base, docker, engineUrl, markFor, settings, store, withRegistry } from './docker-world.ts';

const json = async <Value>(digest: string): Promise<Value> => JSON.parse(await text(await store.get(digest)));

const orderOf = async (over: Partial<BakeOrder> = {}, files = {}): Promise<BakeOrder> => ({
  ...(await tarOf(tempFolder(), { ...services, ...files })),
  recipe: { base: base(), packages: [], start: start.serves },
  files: new Map(),
  sha: 'a'.repeat(40),
  mark: markFor('bake'),
  ...over,
});

const bake = async (
  provider: ReturnType<typeof dockerProvider>,
  order: BakeOrder,
  log = freeCall(),
): Promise<Image> => {
  const image = await settle(() => provider.bake(order, log));
  onTestFinished(async () => void (await provider.removeImage(image.id, freeCall())));
  return image;
};

test('an image carries service, version, commit, task and manifest as labels', async () => {
  const provider = dockerProvider('docker', settings());
  const order = await orderOf();
  const image = await bake(provider, order);
  const labels = JSON.parse(docker('image', 'inspect', '--format', '{{json .Config.Labels}}', image.id));
  expect(labels).toMatchObject({
    'bakery.service': 'hello',
    'bakery.version': '1',
    'bakery.commit': order.sha,
    'bakery.effect': order.mark.effect,
    'bakery.manifest': image.manifest,
  });
});

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

/** How often an image's labels were written: once, or once more when its manifest was read from it. */
const timesLabelled = (image: Image): number =>
  docker('image', 'history', '--no-trunc', '--format', '{{.CreatedBy}}', image.id).split('LABEL ').length - 1;

interface Twice {
  told: Image;
  timesLabelled: number;
  whole: Image;
}

/** The image of an order by a worker that has read another of its recipe, and by one that reads it whole. */
async function twice(order: BakeOrder, first: Pick<BakeOrder, 'package' | 'packageFile'>): Promise<Twice> {
  const known = dockerProvider('docker', settings());
  await bake(known, { ...order, ...first, mark: markFor('bake') });
  const told = await settle(() => known.bake(order, freeCall()));
  const times = timesLabelled(told);
  await known.removeImage(told.id, freeCall());
  const whole = await bake(dockerProvider('docker', settings()), order);
  return { told, timesLabelled: times, whole };
}

test('the manifest that a package foretells is the one of an image that is read whole', async () => {
  const files = { 'node_modules/left-pad/package.json': '{"name":"left-pad","version":"1.3.0"}' };
  const first = await tarOf(tempFolder(), { ...services, 'gone.txt': 'only in the first' });
  const { told, whole, ...seen } = await twice(await orderOf({}, files), first);
  expect(told.manifest).toBe(whole.manifest);
  expect(seen.timesLabelled).toBe(1);
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
  expect(seen.timesLabelled).toBe(2);
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
  expect(seen.timesLabelled).toBe(2);

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
  const after = await bake(known, await orderOf({ recipe, mark: markFor('bake') }, { 'new.txt': '' }));
  expect(timesLabelled(after)).toBe(2);
  const { entries } = await json<Manifest>(after.manifest);
  expect(entries.map(({ path }) => path)).toEqual(expect.arrayContaining(['note.txt', 'app/new.txt']));
});

test('a change in the package alone takes all steps before it from the cache', async () => {
  const provider = dockerProvider('docker', settings());
  const conf = tempFolder();
  const { packageFile } = await tarOf(conf, { x: 'warm = yes' });
  const recipe = {
    base: base(),
    packages: [],
    start: start.serves,
    files: [{ path: '/etc/hello.conf', from: 'x', mode: 0o600, digest: 'sha256:x' }],
  };
  const over = { recipe, files: new Map([['/etc/hello.conf', packageFile]]) };
  await bake(provider, await orderOf(over));
  const lines: string[] = [];
  await bake(
    provider,
    await orderOf({ ...over, mark: markFor('bake') }, { 'new.js': '1' }),
    freeCall({ log: (line) => lines.push(line) }),
  );
  const steps = lines.flatMap((line, at) =>
    line.startsWith('Step ') ? [{ line, next: lines[at + 1] }] : [],
  );
  const copied = steps.find(({ line }) => line.includes('/etc/hello.conf'));
  expect(copied?.next).toContain('Using cache');
  expect(steps.find(({ line }) => line.includes('ADD'))?.next).not.toContain('Using cache');
});

test('an image that was pushed is named by the digest that the registry gave it', async () => {
  const provider = dockerProvider('docker', settings(withRegistry()));
  const order = await orderOf();
  const image = await bake(provider, order);
  expect(image.id).toBe(`${settings(withRegistry()).registry?.repository}/hello@${image.digest}`);
  docker('image', 'rm', '--force', docker('image', 'inspect', '--format', '{{.Id}}', image.id).trim());
  docker('builder', 'prune', '--all', '--force');
  expect(await provider.inspectImage(image, freeCall())).toEqual({ state: 'present' });
  // A bake of the same inputs takes the registry's, and is not made again.
  const again = await settle(() => provider.bake({ ...order, mark: markFor('bake') }, freeCall()));
  expect(again).toEqual({ ...image, reused: true });
});

test('an image that an outside CI has pushed is taken by its digest, and runs', async () => {
  const repository = `${settings(withRegistry()).registry?.repository}/by-ci`;
  const files = {
    ...services,
    Dockerfile: `FROM ${base()}\nCOPY serve.js /srv/\nUSER 1000\nCMD ["node", "/srv/serve.js"]\n`,
  };
  const { packageFile } = await tarOf(tempFolder(), files);
  const argv = ['-H', engineUrl(), 'build', '--quiet', '--tag', `${repository}:1`, '-'];
  execFileSync('docker', argv, {
    input: readFileSync(packageFile),
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
  });
  docker('push', '--quiet', `${repository}:1`);
  const byDigest = docker(
    'image',
    'inspect',
    '--format',
    '{{index .RepoDigests 0}}',
    `${repository}:1`,
  ).trim();
  // What is baked of it comes from the registry, not from what this engine happens to have.
  docker('image', 'rm', '--force', `${repository}:1`, byDigest);
  docker('builder', 'prune', '--all', '--force');
  const provider = dockerProvider('docker', settings(withRegistry()));
  await withPackageOf(byDigest, async (file) => {
    const { digest, size } = await store.put(createReadStream(file));
    const made = { package: { digest, size, name: 'image.tar' }, packageFile: file };
    const recipe = { base: '', packages: [], start: [], dockerfile: 'Dockerfile' };
    const image = await bake(provider, await orderOf({ ...made, recipe }));
    const spec = { start: [], health: { path: '/', within: 10_000 }, grace: 100, settings: {} };
    const order = { image, spec, environment: {}, mark: markFor('launch') };
    const instance = await settle(() => provider.launch(order, freeCall()));
    onTestFinished(() => settle(() => provider.terminate(instance.id, 0, freeCall())));
    expect((await fetch(instance.address)).ok).toBe(true);
  });
});

test("a repository's own Dockerfile is built with the package as its context, and its command runs", async () => {
  const provider = dockerProvider('docker', settings());
  const Dockerfile = `FROM ${base()}\nWORKDIR /srv\nCOPY serve.js /srv/\nUSER 1000\nCMD ["node", "serve.js"]\n`;
  const made = await tarOf(tempFolder(), { ...services, 'deploy/Dockerfile': Dockerfile });
  const recipe = { base: '', packages: [], start: [], dockerfile: 'deploy/Dockerfile' };
  const image = await bake(provider, await orderOf({ ...made, recipe }));
  const mark = markFor('launch');
  const spec = { start: [], health: { path: '/', within: 10_000 }, grace: 100, settings: {} };
  const instance = await settle(() => provider.launch({ image, spec, environment: {}, mark }, freeCall()));
  onTestFinished(() => settle(() => provider.terminate(instance.id, 0, freeCall())));
  expect((await fetch(instance.address)).ok).toBe(true);
});
