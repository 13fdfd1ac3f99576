import { execFileSync } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import type { LaunchOrder } from '../../../src/pipeline/provider.ts';
import { scriptPrelude } from '../../../src/pipeline/script.ts';
import { dockerProvider } from '../../../src/providers/docker/index.ts';
import { services } from '../../support/bakery-services.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { base, docker, markFor, settings } from './docker-world.ts';

/** Tells over HTTP what it can read and write, and answers 404 to everything that it does not know. */
const teller = `
const fs = require('node:fs');
const attempt = (work) => { try { return work(); } catch (error) { return error.code; } };
require('node:http').createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://x');
  const path = searchParams.get('path') ?? '';
  if (pathname === '/read') response.end(String(attempt(() => fs.readFileSync(path, 'utf8'))));
  else if (pathname === '/write') response.end(String(attempt(() => fs.writeFileSync(path, 'x') ?? 'written')));
  else if (pathname === '/env') response.end(JSON.stringify(process.env));
  else response.writeHead(404).end();
}).listen(Number(process.env.PORT), process.env.HOST);
`;

const world = async (over: { dockerfile?: string; folders?: string[] } = {}) => {
  const provider = dockerProvider('docker', settings());
  const { owner } = markFor('owner');
  const files = over.dockerfile === undefined ? {} : { Dockerfile: over.dockerfile };
  const made = await tarOf(tempFolder(), { ...services, 'teller.js': teller, ...files });
  const argv = ['node', '/app/teller.js'];
  const recipe =
    over.dockerfile === undefined
      ? {
          base: base(),
          packages: [],
          start: argv,
          ...(over.folders === undefined ? {} : { folders: over.folders }),
        }
      : { base: '', packages: [], start: [], dockerfile: 'Dockerfile' };
  const bake = { ...made, recipe, files: new Map<string, string>(), sha: 'a'.repeat(40) };
  const image = await settle(() => provider.bake({ ...bake, mark: markFor('bake', { owner }) }, freeCall()));
  onTestFinished(async () => {
    for (const one of await provider.list(owner, freeCall()))
      if (one.what !== 'image') await settle(() => provider.terminate(one.id, 0, freeCall()));
    await provider.removeImage(image.id, freeCall());
    expect(await provider.list(owner, freeCall())).toEqual([]);
    expect(volumes().filter((name) => !before.includes(name) && !name.endsWith('.ended'))).toEqual([]);
  });
  const before = volumes();
  const order = (wanted: Partial<LaunchOrder['spec']>, more: Partial<LaunchOrder> = {}): LaunchOrder => ({
    image,
    spec: {
      start: recipe.start,
      health: { path: '/env', within: 10_000 },
      grace: 100,
      settings: {},
      ...wanted,
    },
    environment: {},
    mark: markFor('launch', { owner }),
    ...more,
  });
  const launch = (wanted: LaunchOrder) => settle(() => provider.launch(wanted, freeCall()));
  return { provider, image, order, launch };
};

const volumes = (): string[] => docker('volume', 'ls', '--quiet').split('\n').filter(Boolean);
const ask = async (address: string, path: string): Promise<string> =>
  (await fetch(`${address}${path}`)).text();

test('a secret that comes as a file is read by its instance and shown by nothing else', async () => {
  const { order, launch } = await world();
  const wanted = order(
    {},
    { files: { DB_PASSWORD: 'never-to-be-seen' }, environment: { TOKEN: 'as-a-variable' } },
  );
  const { id, address } = await launch(wanted);
  const { DB_PASSWORD_FILE, DB_PASSWORD } = JSON.parse(await ask(address, '/env'));
  expect(DB_PASSWORD).toBeUndefined();
  expect(await ask(address, `/read?path=${DB_PASSWORD_FILE}`)).toBe('never-to-be-seen');
  const shown = docker('inspect', id);
  expect(shown).not.toContain('never-to-be-seen');
  expect(docker('image', 'inspect', wanted.image.id)).not.toContain('never-to-be-seen');
  // What docs/docker.md says of the other kind.
  expect(shown).toContain('as-a-variable');
});

test('a secret that comes as a file is there again after the container was started again', async () => {
  const { order, launch } = await world();
  const { id, address } = await launch(order({}, { files: { KEY: 'stays' } }));
  docker('restart', '--time', '0', id);
  await expect
    .poll(() => ask(address, '/read?path=/run/secrets/KEY').catch(() => ''), { timeout: 10_000 })
    .toBe('stays');
});

test('a script that starts it without Bakery brings secrets as files too', async () => {
  const { provider, order } = await world();
  const { image, mark, spec } = order({});
  const lines = provider.launchScript({ image, mark, spec, variables: ['KEY', 'PLAIN'], files: ['KEY'] });
  const script = [...scriptPrelude, ...lines, 'echo "$address"'].join('\n');
  const env = { PATH: process.env.PATH ?? '', KEY: "it's", PLAIN: 'seen' };
  const address =
    execFileSync('bash', ['-c', script], { encoding: 'utf8', env }).trim().split('\n').at(-1) ?? '';
  await expect
    .poll(() => ask(address, '/read?path=/run/secrets/KEY').catch(() => ''), { timeout: 10_000 })
    .toBe("it's");
  const told = JSON.parse(await ask(address, '/env'));
  expect([told.KEY, told.KEY_FILE, told.PLAIN]).toEqual([undefined, '/run/secrets/KEY', 'seen']);
});

test('an instance writes to its declared places and to nothing else', async () => {
  const { order, launch } = await world({ folders: ['/var/lib/hello'] });
  const writable = [{ path: '/var/lib/hello' }, { path: '/run/hello', memory: 1024 ** 2 }];
  const { id, address } = await launch(order({ writable }));
  const written = async (path: string): Promise<string> => ask(address, `/write?path=${path}`);
  expect(await written('/var/lib/hello/x')).toBe('written');
  expect(await written('/run/hello/x')).toBe('written');
  expect(await written('/tmp/x')).toBe('written');
  expect(await written('/app/x')).toBe('EROFS');
  expect(await written('/etc/x')).toBe('EROFS');
  const mounts = JSON.parse(docker('inspect', '--format', '{{json .HostConfig.Tmpfs}}', id));
  expect(mounts['/run/hello']).toContain(`size=${1024 ** 2}`);
});

test('health by TCP asks for a connection alone', async () => {
  const { provider, order, launch } = await world();
  const health = { path: '/no-such-path', within: 10_000, by: 'tcp' as const };
  const instance = await launch(order({ health }));
  expect(await provider.inspect(instance, health, freeCall())).toEqual({ state: 'running', healthy: true });
  expect((await provider.inspect(instance, { path: '/no-such-path' }, freeCall())).healthy).toBe(false);
});

const withHealthcheck = (check: string): string =>
  `FROM ${base()}\nCOPY teller.js /app/\nUSER 1000\n${check}\nCMD ["node", "/app/teller.js"]\n`;

test("health by the image's own HEALTHCHECK waits until the engine calls it healthy", async () => {
  const dockerfile = withHealthcheck('HEALTHCHECK --interval=200ms --timeout=2s CMD ["true"]');
  const { provider, order, launch } = await world({ dockerfile });
  const health = { path: '/', within: 20_000, by: 'image' as const };
  const instance = await launch(order({ health }));
  expect(await provider.inspect(instance, health, freeCall())).toEqual({ state: 'running', healthy: true });
});

test('a HEALTHCHECK that fails is the fault "unhealthy", and none at all a bad service file', async () => {
  const health = { path: '/', within: 1_500, by: 'image' as const };
  const ill = await world({
    dockerfile: withHealthcheck('HEALTHCHECK --interval=200ms --retries=1 CMD ["false"]'),
  });
  await expect(ill.launch(ill.order({ health }))).rejects.toMatchObject({ fault: 'unhealthy' });
  const none = await world({ dockerfile: withHealthcheck('') });
  await expect(none.launch(none.order({ health }))).rejects.toMatchObject({ fault: 'bad service file' });
});
