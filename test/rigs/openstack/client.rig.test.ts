import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { readCloud } from '../../../src/providers/openstack/clouds-file.ts';
import { type Ask, httpExchange } from '../../../src/providers/openstack/exchange.ts';
import { computeVersion } from '../../../src/providers/openstack/microversion.ts';
import { everyItem } from '../../../src/providers/openstack/pages.ts';
import { Session } from '../../../src/providers/openstack/session.ts';
import { login } from '../../../src/providers/openstack/token.ts';

// Three servers are made and removed, however busy the machine is.
vi.setConfig({ testTimeout: 240_000 });

const at = (service: string) => process.env[`BAKERY_TEST_OPENSTACK_${service}`] ?? '';
const endpoints = {
  OS_AUTH_URL: `${at('IDENTITY')}/v3`,
  OS_REGION_NAME: 'RegionOne',
  OS_IDENTITY_ENDPOINT_OVERRIDE: `${at('IDENTITY')}/v3`,
  OS_COMPUTE_ENDPOINT_OVERRIDE: `${at('COMPUTE')}/v2.1`,
  OS_IMAGE_ENDPOINT_OVERRIDE: at('IMAGE'),
  OS_NETWORK_ENDPOINT_OVERRIDE: at('NETWORK'),
  OS_LOAD_BALANCER_ENDPOINT_OVERRIDE: at('LOAD_BALANCER'),
};
const project = { OS_PROJECT_NAME: 'demo', OS_PROJECT_DOMAIN_NAME: 'Default' };
const demo = { ...project, OS_USERNAME: 'demo', OS_USER_DOMAIN_NAME: 'Default', OS_PASSWORD: 'secret' };
const cloudOf = (env: Record<string, string>) =>
  readCloud({ env: { ...endpoints, ...env }, read: () => undefined });

const exchange = httpExchange();
const { signal } = new AbortController();
const session = new Session(cloudOf(demo), { exchange, now: Date.now });
const named = z.object({ id: z.string(), name: z.string() });
afterAll(() => exchange.close());

describe('the client at a real control plane', () => {
  it('logs in by password, by token and by application credential', async () => {
    const first = await login(cloudOf(demo), exchange, signal);
    const byToken = await login(cloudOf({ ...project, OS_TOKEN: first.id }), exchange, signal);
    expect(byToken.project).toBe(first.project);

    const user = z.object({ token: z.object({ user: z.object({ id: z.string() }) }) });
    const who = { service: 'identity', path: '/auth/tokens', doing: 'tell who we are' } as const;
    const { token } = await session.ask({ ...who, headers: { 'x-subject-token': first.id } }, user, signal);
    const made = await session.ask(
      {
        service: 'identity',
        method: 'POST',
        path: `/users/${token.user.id}/application_credentials`,
        body: { application_credential: { name: `rig-${Date.now()}`, roles: [{ name: 'member' }] } },
        doing: 'make an application credential',
      },
      z.object({ application_credential: z.object({ id: z.string(), secret: z.string() }) }),
      signal,
    );
    const { id, secret } = made.application_credential;
    const credential = { OS_APPLICATION_CREDENTIAL_ID: id, OS_APPLICATION_CREDENTIAL_SECRET: secret };
    expect((await login(cloudOf(credential), exchange, signal)).project).toBe(first.project);
  });

  it('is denied with a request id when the password is wrong', async () => {
    const told = login(cloudOf({ ...demo, OS_PASSWORD: 'other' }), exchange, signal);
    await expect(told).rejects.toMatchObject({
      fault: 'denied',
      message: expect.stringMatching(/requires authentication.*req-/),
    });
  });

  it('agrees with Nova on a microversion that Nova then uses', async () => {
    const headers = await computeVersion(session, { least: 60, most: 90 }, signal);
    expect(headers).toEqual({ 'openstack-api-version': 'compute 2.90' });
    const answer = await session.send(
      { service: 'compute', path: '/servers', headers, doing: 'list servers' },
      signal,
    );
    expect(answer.header('openstack-api-version')).toBe('compute 2.90');
  });

  it('goes on after a service refused its token in mid-flight', async () => {
    let spoilt = 0;
    const spoiling = (ask: Ask, within: AbortSignal) => {
      if (spoilt > 0 || ask.headers?.['x-auth-token'] === undefined) return exchange(ask, within);
      spoilt += 1;
      return exchange({ ...ask, headers: { ...ask.headers, 'x-auth-token': 'spoilt' } }, within);
    };
    const other = new Session(cloudOf(demo), { exchange: spoiling, now: Date.now });
    const networks = { service: 'network', path: '/networks', doing: 'list networks' } as const;
    expect(await everyItem(other, networks, 'networks', named, signal)).not.toHaveLength(0);
    expect(spoilt).toBe(1);
  });

  it('reads every page of images, networks and servers', async () => {
    const ids: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      const body = { name, disk_format: 'raw', container_format: 'bare' };
      const question = {
        service: 'image',
        method: 'POST',
        path: '/images',
        body,
        doing: 'make an image',
      } as const;
      ids.push((await session.ask(question, named, signal)).id);
    }
    const list = (service: 'image' | 'network' | 'compute', key: string) =>
      everyItem(session, { service, path: `/${key}?limit=1`, doing: `list ${key}` }, key, named, signal);
    const images = await list('image', 'images');
    expect(images.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    const networks = await list('network', 'networks');
    expect(networks.map(({ name }) => name).sort()).toEqual(['private', 'public']);

    const dummy = images.find(({ name }) => name === 'dummy')?.id;
    const network = networks.find(({ name }) => name === 'private')?.id;
    const servers = await Promise.all(['s1', 's2', 's3'].map((name) => boot(name, dummy, network)));
    expect((await list('compute', 'servers')).map(({ id }) => id).sort()).toEqual([...servers].sort());

    for (const id of servers) await remove('compute', `/servers/${id}`);
    for (const id of ids) await remove('image', `/images/${id}`);
    await expect.poll(() => list('compute', 'servers'), { timeout: 120_000 }).toEqual([]);
  });

  it.each([
    ['compute', '/servers/none', /Instance none could not be found/],
    ['image', '/images/none', /No image found with ID none/],
    ['network', '/networks/none', /none could not be found/],
    ['load-balancer', '/loadbalancers/none', /none/],
  ] as const)('tells what the %s service says of what is not there', async (service, path, words) => {
    const told = session.send({ service, path, doing: 'look' }, signal);
    await expect(told).rejects.toMatchObject({ status: 404, message: expect.stringMatching(words) });
    await expect(told).rejects.not.toMatchObject({ message: expect.stringMatching(/[<>{}]/) });
  });
});

async function boot(name: string, image: string | undefined, network: string | undefined): Promise<string> {
  const server = { name, imageRef: image, flavorRef: '1', networks: [{ uuid: network }] };
  const question = { service: 'compute', path: '/servers', doing: 'start a server' } as const;
  const schema = z.object({ server: z.object({ id: z.string() }) });
  const made = await session.ask({ ...question, method: 'POST', body: { server } }, schema, signal);
  const state = z.object({ server: z.object({ status: z.string() }) });
  for (;;) {
    const look = { service: 'compute', path: `/servers/${made.server.id}`, doing: 'look' } as const;
    const { status } = (await session.ask(look, state, signal)).server;
    if (status === 'ACTIVE') return made.server.id;
    if (status !== 'BUILD') throw new Error(`the server is ${status}`);
    await sleep(200);
  }
}

const remove = (service: 'compute' | 'image', path: string) =>
  session.send({ service, method: 'DELETE', path, doing: 'remove it' }, signal);
