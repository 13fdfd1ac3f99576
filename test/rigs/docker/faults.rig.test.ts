import { expect, onTestFinished, test } from 'vitest';
import type { LaunchOrder, Provider } from '../../../src/pipeline/provider.ts';
import { ProviderError } from '../../../src/pipeline/provider.ts';
import { checkDocker } from '../../../src/providers/docker/check.ts';
import { dockerProvider } from '../../../src/providers/docker/index.ts';
import type { DockerSettings } from '../../../src/providers/docker/settings.ts';
import { instanceName } from '../../../src/providers/instance-name.ts';
import { services, start } from '../../support/bakery-services.ts';
import { rigServer } from '../../support/rig.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { address, base, docker, markFor, settings, withRegistry } from './docker-world.ts';

const greedy = `const kept = []; setInterval(() => kept.push(Buffer.alloc(16 * 1024 * 1024, 1)), 5);`;
const health = { path: '/healthz' };

/** A provider, an image of it, and what it takes to launch from that; all that it made is removed with the test. */
const world = async (over: Partial<DockerSettings> = {}) => {
  const provider = dockerProvider('docker', settings(over));
  const { owner } = markFor('owner');
  const mark = (what: string) => markFor(what, { owner });
  const made = await tarOf(tempFolder(), { ...services, 'greedy.js': greedy });
  const recipe = { base: base(), packages: [], start: start.serves };
  const bakes = { ...made, recipe, files: new Map<string, string>(), sha: 'a'.repeat(40) };
  onTestFinished(async () => {
    for (const one of await provider.list(owner, freeCall())) {
      if (one.what === 'image') await provider.removeImage(one.id, freeCall());
      else await settle(() => provider.terminate(one.id, 0, freeCall()));
    }
    expect(await provider.list(owner, freeCall())).toEqual([]);
  });
  const image = await settle(() => provider.bake({ ...bakes, mark: mark('bake') }, freeCall()));
  const order = (argv: string[] = start.serves): LaunchOrder => ({
    image,
    spec: { start: argv, health: { path: '/healthz', within: 10_000 }, grace: 500, settings: {} },
    environment: {},
    mark: mark('launch'),
  });
  const launch = (wanted: LaunchOrder) => settle(() => provider.launch(wanted, freeCall()));
  return { provider, owner, mark, bakes, image, order, launch };
};

const faultOf = async (work: Promise<unknown>): Promise<ProviderError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ProviderError) return error;
  throw new Error(`expected a ProviderError, got ${String(error)}`);
};

const serves = (provider: Provider, instance: Parameters<Provider['inspect']>[0]) =>
  provider.inspect(instance, health, freeCall());

test('an engine that is stopped is unreachable, what runs on it serves on, and is there when it is back', async () => {
  const { provider, owner, order, launch } = await world();
  const instance = await launch(order());
  await rigServer.stop();
  try {
    expect((await fetch(instance.address)).ok).toBe(true);
    for (const call of [
      provider.launch(order(), freeCall()),
      provider.list(owner, freeCall()),
      provider.terminate(instance.id, 0, freeCall()),
    ])
      expect((await faultOf(call)).fault).toBe('unreachable');
  } finally {
    await rigServer.start();
  }
  expect(await serves(provider, instance)).toEqual({ state: 'running', healthy: true });
});

test('a launch goes on where it was when the engine is back', async () => {
  const { provider, owner, order, launch } = await world();
  const wanted = order();
  await provider.launch(wanted, freeCall());
  await rigServer.stop();
  await rigServer.start();
  const instance = await launch(wanted);
  const listed = (await provider.list(owner, freeCall())).filter(({ what }) => what === 'instance');
  expect(listed.map(({ id }) => id)).toEqual([instance.id]);
});

test('an engine that is stopped in the middle of a bake leaves nothing, and the bake is made when it is back', async () => {
  const { provider, bakes, mark, image } = await world();
  const made = await tarOf(tempFolder(), { ...services, 'other.js': '2' });
  const wanted = { ...bakes, ...made, mark: mark('bake') };
  let stopped: Promise<void> | undefined;
  const call = freeCall({
    log: () => {
      stopped ??= rigServer.stop();
    },
  });
  await faultOf(provider.bake(wanted, call)).catch(() => undefined);
  await stopped;
  await rigServer.start();
  const baked = await settle(() => provider.bake(wanted, freeCall()));
  expect(baked.id).not.toBe(image.id);
});

test('an instance that eats its memory limit is ended alone, and the card can say so', async () => {
  const { provider, order, launch } = await world();
  const good = await launch(order());
  const error = await faultOf(launch(order(['node', 'greedy.js'])));
  expect(error.fault).toBe('exited');
  expect(error.message).toContain('more than its 256 MB of memory');
  expect(await serves(provider, good)).toEqual({ state: 'running', healthy: true });
});

test('a program that is not in the image is the fault "exited", with the reason', async () => {
  const { order, launch } = await world();
  const error = await faultOf(launch(order(['no-such-program'])));
  expect(error.fault).toBe('exited');
  expect([error.message, ...(error.lines ?? [])].join()).toContain('no-such-program');
});

test("a name that somebody else's container has is left to it, with a sentence", async () => {
  const { provider, owner, order } = await world();
  const wanted = order();
  const name = instanceName(wanted.mark);
  docker('create', '--name', name, base(), 'sleep', '1');
  onTestFinished(() => void docker('rm', '--force', name));
  const error = await faultOf(provider.launch(wanted, freeCall()));
  expect(error.fault).toBe('unexpected state');
  expect(error.message).toContain('not Bakery');
  await provider.terminate(name, 0, freeCall());
  expect(docker('ps', '--all', '--quiet', '--filter', `name=${name}`).trim()).not.toBe('');
  expect((await provider.list(owner, freeCall())).filter(({ what }) => what === 'instance')).toEqual([]);
});

test('a port that is taken by something else is passed over for the next', async () => {
  const { order, launch } = await world({ ports: { from: 29_100, to: 29_101 } });
  const { createServer } = await import('node:http');
  const server = createServer().listen(29_100, address());
  onTestFinished(() => void server.close());
  expect((await launch(order())).address).toBe(`http://${address()}:29101`);
});

test('an image that was deleted behind our back is the fault "unknown image"', async () => {
  const { provider, image, order, launch } = await world();
  const before = await launch(order());
  docker(
    'image',
    'rm',
    '--force',
    docker('image', 'inspect', '--format', '{{index .RepoTags 0}}', image.id).trim(),
  );
  expect((await faultOf(launch(order()))).fault).toBe('unknown image');
  expect(await provider.inspectImage(image, freeCall())).toMatchObject({ state: 'gone' });
  expect(await serves(provider, before)).toEqual({ state: 'running', healthy: true });
});

test('an image whose containers are long gone starts again with the build cache pruned', async () => {
  const { provider, order, launch } = await world();
  const first = await launch(order());
  await settle(() => provider.terminate(first.id, 0, freeCall()));
  docker('builder', 'prune', '--all', '--force');
  docker('container', 'prune', '--force');
  const again = await launch(order());
  expect(await serves(provider, again)).toEqual({ state: 'running', healthy: true });
});

test('a registry that is away fails the bake as unreachable, and leaves no image', async () => {
  const away = { registry: { repository: '127.0.0.1:9/bakery', insecure: true } };
  const { bakes, mark } = await world(withRegistry());
  const provider = dockerProvider('docker', settings(away));
  const wanted = mark('bake');
  const error = await faultOf(provider.bake({ ...bakes, mark: wanted }, freeCall()));
  expect(error.fault).toBe('unreachable');
  expect(await provider.list(wanted.owner, freeCall())).not.toContainEqual(
    expect.objectContaining({ what: 'image', mark: wanted }),
  );
});

test('bakery check finds nothing missing on an engine with live-restore', async () => {
  const lines: string[] = [];
  const print = (line: string): void => void lines.push(line);
  expect(await checkDocker('containers', settings().engines, print)).toBe(0);
  expect(lines.join()).toContain('0 missing');
  const away = { gone: { url: 'unix:///nowhere/docker.sock', address: '127.0.0.1' } };
  expect(await checkDocker('containers', away, print)).toBe(1);
  expect(lines.at(-1)).toContain('engine gone: Docker could not be asked');
});
