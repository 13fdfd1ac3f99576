import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { checkDocker } from '../../../src/providers/docker/check.ts';
import { dockerProvider } from '../../../src/providers/docker/index.ts';
import type { EngineSettings } from '../../../src/providers/docker/settings.ts';
import { services, start } from '../../support/bakery-services.ts';
import { fromRig } from '../../support/rig.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { address, base, docker, markFor, settings } from './docker-world.ts';

/** The rig's engine by TCP, with this client's key. */
const byTls = (client: 'client' | 'stranger', ca = 'ca'): EngineSettings => {
  const file = (name: string): string => join(fromRig('BAKERY_TEST_DOCKER_TLS'), name);
  return {
    url: fromRig('BAKERY_TEST_DOCKER_TLS_URL'),
    address: address(),
    tls: { ca: file(`${ca}.pem`), cert: file(`${client}.pem`), key: file(`${client}-key.pem`) },
  };
};

/** The rig's engine through ssh, by a client that knows the host's key, or another one. */
function bySsh(client: 'path' | 'stranger'): EngineSettings {
  vi.stubEnv('PATH', `${fromRig(`BAKERY_TEST_DOCKER_SSH_${client.toUpperCase()}`)}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  return { url: fromRig('BAKERY_TEST_DOCKER_SSH_URL'), address: address() };
}

test.each([
  ['on TCP with TLS', () => byTls('client')],
  ['behind ssh', () => bySsh('path')],
])('an engine %s bakes, launches and ends like one on a socket', async (_, engine) => {
  const provider = dockerProvider('docker', settings({ engines: { far: engine() } }));
  const recipe = { base: base(), packages: [], start: start.serves };
  const made = await tarOf(tempFolder(), services);
  const mark = markFor('bake');
  const order = { ...made, recipe, files: new Map<string, string>(), sha: 'a'.repeat(40), mark };
  const image = await settle(() => provider.bake(order, freeCall()));
  onTestFinished(async () => void (await provider.removeImage(image.id, freeCall())));
  const spec = {
    start: start.serves,
    health: { path: '/healthz', within: 10_000 },
    grace: 100,
    settings: {},
  };
  const launched = { image, spec, environment: {}, mark: { ...mark, effect: 'launch' } };
  const instance = await settle(() => provider.launch(launched, freeCall()));
  expect((await fetch(instance.address)).ok).toBe(true);
  await settle(() => provider.terminate(instance.id, 100, freeCall()));
  expect((await provider.list(mark.owner, freeCall())).map(({ what }) => what)).toEqual(['image']);
});

test.each([
  ['on TCP whose client is of another authority', () => byTls('stranger')],
  ['on TCP whose server is of another authority', () => byTls('client', 'stranger-ca')],
  ['behind ssh whose host has another key', () => bySsh('stranger')],
])('an engine %s is not spoken to', async (_, engine) => {
  const lines: string[] = [];
  expect(await checkDocker('containers', { far: engine() }, (line) => void lines.push(line))).toBe(1);
  expect(lines.join()).toContain('engine far: Docker could not be asked');
});

test('a full disk fails the bake as "disk full", what runs serves on, and room makes it go on', async () => {
  const engine = { url: fromRig('BAKERY_TEST_DOCKER_SMALL_URL'), address: address() };
  const provider = dockerProvider('docker', settings({ engines: { small: engine } }));
  const { owner } = markFor('owner');
  const argv = ['/bin/httpd', '-f', '-p', '8080', '-h', '/www'];
  const recipe = { base: 'small:rig', packages: [], start: argv };
  const orderOf = async (bytes: number, what: string) => ({
    ...(await tarOf(tempFolder(), { 'data.bin': randomBytes(bytes).toString('base64') })),
    recipe,
    files: new Map<string, string>(),
    sha: 'a'.repeat(40),
    mark: markFor(what, { owner }),
  });
  const image = await settle(async () => provider.bake(await orderOf(1_000, 'bake'), freeCall()));
  const spec = { start: argv, health: { path: '/', within: 10_000 }, grace: 100, settings: {} };
  const launch = { image, spec, environment: {}, mark: markFor('launch', { owner }) };
  const instance = await settle(() => provider.launch(launch, freeCall()));

  const large = await orderOf(60 * 1024 ** 2, 'bake');
  await expect(provider.bake(large, freeCall())).rejects.toMatchObject({ fault: 'disk full' });
  expect(await (await fetch(instance.address)).text()).toBe('serves\n');
  expect((await provider.list(owner, freeCall())).map(({ what }) => what).toSorted()).toEqual([
    'image',
    'instance',
  ]);

  const again = await settle(async () => provider.bake(await orderOf(2_000, 'bake'), freeCall()));
  await settle(() => provider.terminate(instance.id, 100, freeCall()));
  for (const { id } of [image, again]) await provider.removeImage(id, freeCall());
  expect(await provider.list(owner, freeCall())).toEqual([]);
});

/** The rig's registry behind a door of its own, which can be shut: then nobody answers there. */
async function registryDoor(): Promise<{ repository: string; shut(): void; open(): Promise<void> }> {
  const [host = '', port = ''] = fromRig('BAKERY_TEST_DOCKER_REGISTRY').split(':');
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket =>
    socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket));
  const door = createServer((near) => {
    const far = connect(Number(port), host);
    for (const one of [near, far]) sockets.add(keep(one));
    near.pipe(far).pipe(near);
  });
  const listen = async (at: number): Promise<number> => {
    door.listen(at, '127.0.0.1');
    await once(door, 'listening');
    const bound = door.address();
    return typeof bound === 'object' && bound !== null ? bound.port : 0;
  };
  const at = await listen(0);
  const shut = (): void => {
    door.close();
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(shut);
  return { repository: `127.0.0.1:${at}/bakery`, shut, open: async () => void (await listen(at)) };
}

test('with the registry away an engine starts what it has, and one that lacks it leaves nothing and goes on later', async () => {
  const door = await registryDoor();
  const registry = { repository: door.repository, insecure: true };
  const small = { url: fromRig('BAKERY_TEST_DOCKER_SMALL_URL'), address: address() };
  const has = dockerProvider('docker', settings({ engines: { small }, registry }));
  const lacks = dockerProvider('docker', settings({ registry }));
  const { owner } = markFor('owner');
  const argv = ['/bin/httpd', '-f', '-p', '8080', '-h', '/www'];
  const recipe = { base: 'small:rig', packages: [], start: argv };
  const made = await tarOf(tempFolder(), { 'some.txt': randomBytes(8).toString('hex') });
  const mark = markFor('bake', { owner });
  const order = { ...made, recipe, files: new Map<string, string>(), sha: 'a'.repeat(40), mark };
  const image = await settle(() => has.bake(order, freeCall()));
  const spec = { start: argv, health: { path: '/', within: 10_000 }, grace: 100, settings: {} };
  const launch = () => ({ image, spec, environment: {}, mark: markFor('launch', { owner }) });
  onTestFinished(async () => {
    for (const provider of [has, lacks]) {
      for (const { what, id } of await provider.list(owner, freeCall()))
        if (what === 'instance') await settle(() => provider.terminate(id, 0, freeCall()));
      await provider.removeImage(image.id, freeCall());
    }
  });

  door.shut();
  const instance = await settle(() => has.launch(launch(), freeCall()));
  expect(await (await fetch(instance.address)).text()).toBe('serves\n');
  const wanted = launch();
  await expect(lacks.launch(wanted, freeCall())).rejects.toMatchObject({ fault: 'unreachable' });
  expect(await lacks.list(owner, freeCall())).toEqual([]);

  await door.open();
  const later = await settle(() => lacks.launch(wanted, freeCall()));
  expect(await (await fetch(later.address)).text()).toBe('serves\n');
});

test('bakes that the registry does not take leave no image, and one that it takes leaves nothing else', async () => {
  const [host = '', port = ''] = fromRig('BAKERY_TEST_DOCKER_REGISTRY').split(':');
  let takes = false;
  const door = createHttpServer((near, answer) => {
    if (near.method === 'POST' && !takes) return void answer.writeHead(403).end();
    const { method, headers, url: path } = near;
    const far = request({ host, port, method, headers, path }, (given) => {
      answer.writeHead(given.statusCode ?? 500, given.headers);
      given.pipe(answer);
    });
    near.pipe(far);
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  onTestFinished(() => void door.close().closeAllConnections());
  const bound = door.address();
  const at = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const registry = { repository: `127.0.0.1:${at}/bakery`, insecure: true };
  const provider = dockerProvider('docker', settings({ registry }));
  const made = await tarOf(tempFolder(), { ...services, 'some.txt': randomBytes(8).toString('hex') });
  const recipe = { base: base(), packages: [], start: start.serves };
  const mark = markFor('bake');
  const order = { ...made, recipe, files: new Map<string, string>(), sha: 'a'.repeat(40), mark };
  for (const _ of ['once', 'twice', 'three times'])
    await expect(provider.bake(order, freeCall())).rejects.toMatchObject({ name: 'ProviderError' });
  const images = () =>
    docker('image', 'ls', '--quiet', '--filter', `label=bakery.effect=${mark.effect}`)
      .split('\n')
      .filter(Boolean);
  expect(images()).toEqual([]);
  takes = true;
  const image = await settle(() => provider.bake(order, freeCall()));
  onTestFinished(async () => void (await provider.removeImage(image.id, freeCall())));
  expect(new Set(images()).size).toBe(1);
  expect(await provider.list(mark.owner, freeCall())).toEqual([{ what: 'image', id: image.id, mark }]);
});
