import { execFileSync } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { withPackageOf } from '../../../src/cli/submit-image.ts';
import type { Image } from '../../../src/pipeline/domain/image.ts';
import type { BakeOrder } from '../../../src/pipeline/provider.ts';
import { dockerProvider } from '../../../src/providers/docker/index.ts';
import type { Manifest } from '../../../src/providers/docker/manifest.ts';
import { services, start } from '../../support/bakery-services.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { base, engineUrl, markFor, settings, store, withRegistry } from './docker-world.ts';

const docker = (...args: string[]): string =>
  execFileSync('docker', ['-H', engineUrl(), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

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

test('an image that is read only where its package went has the manifest of one read whole', async () => {
  const files = { 'node_modules/left-pad/package.json': '{"name":"left-pad","version":"1.3.0"}' };
  const known = dockerProvider('docker', settings());
  await bake(known, await orderOf({}, { 'gone.txt': 'only in the first' }));
  const order = await orderOf({}, files);
  const read = await settle(() => known.bake(order, freeCall()));
  await known.removeImage(read.id, freeCall());
  const whole = await bake(dockerProvider('docker', settings()), order);
  expect(read.manifest).toBe(whole.manifest);
  const { entries } = await json<Manifest>(whole.manifest);
  const paths = entries.map(({ path }) => path);
  expect(paths).toContain('app/node_modules/left-pad/package.json');
  expect(paths).not.toContain('app/gone.txt');
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
