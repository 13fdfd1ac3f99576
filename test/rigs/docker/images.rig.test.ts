import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create } from 'tar';
import { expect, onTestFinished, test } from 'vitest';
import { withPackageOf } from '../../../src/cli/submit-image.ts';
import type { Image } from '../../../src/pipeline/domain/image.ts';
import { dockerProvider } from '../../../src/providers/docker/index.ts';
import type { Manifest } from '../../../src/providers/docker/manifest.ts';
import { services, start } from '../../support/bakery-services.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { describe as describePackage, tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { bake, json, orderOf } from './baking-world.ts';
import { base, docker, engineUrl, markFor, settings, store, withRegistry } from './docker-world.ts';

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
  const first = await bake(provider, await orderOf(over));
  const again = async (by: typeof provider, content: string) => {
    const lines: string[] = [];
    const order = await orderOf({ ...over, mark: markFor('bake') }, { 'new.js': content });
    const image = await bake(by, order, freeCall({ log: (line) => lines.push(line) }));
    expect(layers(image)).toEqual([...layers(first).slice(0, -1), layers(image).at(-1)]);
    expect(layers(image).at(-1)).not.toBe(layers(first).at(-1));
    return lines;
  };
  const known = await again(provider, '1');
  expect(known.some((line) => line.startsWith('Step '))).toBe(false);
  const lines = await again(dockerProvider('docker', settings()), '2');
  const copied = lines.findIndex((line) => line.startsWith('Step ') && line.includes('/etc/hello.conf'));
  expect(lines[copied + 1]).toContain('Using cache');
});

const layers = ({ id }: Image): string[] =>
  JSON.parse(docker('image', 'inspect', '--format', '{{json .RootFS.Layers}}', id));

test('steps that were removed behind our back are made again', async () => {
  const provider = dockerProvider('docker', settings());
  const start = ['node', 'serve.js', randomBytes(4).toString('hex')];
  const recipe = { base: base(), packages: [], start };
  const first = await settle(async () => provider.bake(await orderOf({ recipe }), freeCall()));
  // With its last image go the steps that it came from.
  docker('image', 'rm', '--force', first.id);
  const lines: string[] = [];
  const order = await orderOf({ recipe, mark: markFor('bake') }, { 'new.js': '' });
  const second = await bake(provider, order, freeCall({ log: (line) => lines.push(line) }));
  expect(lines.some((line) => line.startsWith('Step '))).toBe(true);
  const { entries } = await json<Manifest>(second.manifest);
  expect(entries.map(({ path }) => path)).toContain('app/new.js');
});

test('a base that declares its folder a volume has the package in its image all the same', async () => {
  const provider = dockerProvider('docker', settings());
  const withVolume = `bakery-rig-volume:${randomBytes(4).toString('hex')}`;
  const container = docker('create', base(), 'true').trim();
  docker('commit', '--change', 'VOLUME /app', container, withVolume);
  docker('rm', container);
  onTestFinished(() => void docker('image', 'rm', '--force', withVolume));
  const recipe = { base: withVolume, packages: [], start: start.serves };
  const image = await bake(provider, await orderOf({ recipe }));
  const spec = { start: start.serves, health: { path: '/', within: 10_000 }, grace: 100, settings: {} };
  const order = { image, spec, environment: {}, mark: markFor('launch') };
  const instance = await settle(() => provider.launch(order, freeCall()));
  onTestFinished(() => settle(() => provider.terminate(instance.id, 0, freeCall())));
  expect((await fetch(instance.address)).ok).toBe(true);
  expect((await json<Manifest>(image.manifest)).bom).toMatch(/^sha256:/);
});

const filesIn = async (image: Image): Promise<string[]> =>
  (await json<Manifest>(image.manifest)).entries.map(({ path }) => path);

test('a package with a link out of its folder is baked, and one that takes a file away shows it', async () => {
  const provider = dockerProvider('docker', settings());
  const { packageFile: conf } = await tarOf(tempFolder(), { x: 'from the recipe' });
  const files = [{ path: '/app/config.json', from: 'x', mode: 0o644, digest: 'sha256:x' }];
  const recipe = { base: base(), packages: [], start: start.serves, files };
  const given = { recipe, files: new Map([['/app/config.json', conf]]) };
  const folder = tempFolder();
  symlinkSync('../var/log', join(folder, 'logs'));
  const linked = join(folder, 'linked.tar');
  await create({ file: linked, cwd: folder, portable: true }, ['logs']);
  const over = { packageFile: linked, package: describePackage(linked) };
  const first = await bake(provider, await orderOf({ ...given, ...over }));
  expect(await filesIn(first)).toEqual(expect.arrayContaining(['app/logs', 'app/config.json']));
  const taking = await orderOf({ ...given, mark: markFor('bake') }, { '.wh.config.json': '' });
  const second = await filesIn(await bake(provider, taking));
  expect(second).toContain('app/serve.js');
  expect(second.filter((path) => path.includes('config.json'))).toEqual([]);
});

test('what a base would lead out of its folder by a link is refused, and nothing is left', async () => {
  const provider = dockerProvider('docker', settings());
  const named = `bakery-rig-leading:${randomBytes(4).toString('hex')}`;
  const folder = tempFolder();
  mkdirSync(join(folder, 'app'));
  symlinkSync('/tmp', join(folder, 'app', 'data'));
  const container = docker('create', base(), 'true').trim();
  docker('cp', join(folder, 'app'), `${container}:/`);
  docker('commit', container, named);
  docker('rm', container);
  onTestFinished(() => void docker('image', 'rm', '--force', named));
  const recipe = { base: named, packages: [], start: start.serves };
  const order = await orderOf({ recipe }, { 'data/x': 'of the package' });
  // As `ADD` does: the link leads to nothing in its folder.
  await expect(settle(() => provider.bake(order, freeCall()))).rejects.toMatchObject({
    fault: 'command failed',
    message: expect.stringContaining('/data/x: no such file'),
  });
  expect(await provider.list(order.mark.owner, freeCall())).toEqual([]);
});

test.each([
  ['says it is one', 'hello.tar', 'hello, this is no tar\n'],
  ['ends too early', 'hello.tar.gz', '\x1f\x8b\x08'],
])(
  'a package that is no tar and %s fails the bake in words, and leaves nothing',
  async (_, name, content) => {
    const provider = dockerProvider('docker', settings());
    const packageFile = join(tempFolder(), name);
    writeFileSync(packageFile, content, 'latin1');
    const order = await orderOf({ packageFile, package: describePackage(packageFile) });
    await expect(settle(() => provider.bake(order, freeCall()))).rejects.toMatchObject({
      fault: 'command failed',
      message: expect.stringContaining(`${name} is no tar`),
    });
    expect(await provider.list(order.mark.owner, freeCall())).toEqual([]);
  },
);

test('a package of one file goes into its folder under its name', async () => {
  const provider = dockerProvider('docker', settings());
  const packageFile = join(tempFolder(), 'serve.js');
  writeFileSync(packageFile, services['serve.js']);
  const image = await bake(provider, await orderOf({ packageFile, package: describePackage(packageFile) }));
  const { entries } = await json<Manifest>(image.manifest);
  expect(entries).toContainEqual(
    expect.objectContaining({ path: 'app/serve.js', mode: '644', kind: 'file' }),
  );
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
