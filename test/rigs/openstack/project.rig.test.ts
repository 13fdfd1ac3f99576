import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Image } from '../../../src/pipeline/domain/image.ts';
import type { Provider } from '../../../src/pipeline/provider.ts';
import { openStackProvider } from '../../../src/providers/openstack/index.ts';
import type { OpenStackSettings } from '../../../src/providers/openstack/settings.ts';
import { persist } from '../../support/persist.ts';
import { freeCall } from '../../support/settle.ts';
import { cloudOf, openrc } from './account.ts';
import { everything } from './everything.ts';
import { settings } from './openstack-world.ts';
import { ordersOf } from './orders.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const { signal } = new AbortController();
const [demo, admin] = [cloudOf(openrc('demo')).session, cloudOf(openrc('admin')).session];
const orders = ordersOf(`owner-${randomBytes(4).toString('hex')}`);
const providerWith = (over: Partial<OpenStackSettings>): Provider =>
  openStackProvider('openstack', settings(over), demo);

let plain: Provider;
let image: Image;
let before: Awaited<ReturnType<typeof everything>>;
let other: string;

beforeAll(async () => {
  before = await everything();
  other = await admin.project(signal);
  plain = providerWith({ shareWith: [other], imageProperties: { hw_rng_model: 'virtio' } });
  const order = await orders.bake('project');
  image = await persist(() => plain.bake(order, freeCall()));
});
afterAll(async () => {
  await persist(() => plain.removeImage(image.id, freeCall()));
  expect(await everything()).toEqual(before);
});

const launch = (provider: Provider) => {
  const order = orders.launch(image);
  return { order, made: persist(() => provider.launch(order, freeCall())) };
};
const end = (provider: Provider, id: string) => persist(() => provider.terminate(id, 500, freeCall()));
const ofEffect = async (provider: Provider, { owner, effect }: { owner: string; effect: string }) =>
  (await provider.list(owner, freeCall())).filter(({ mark }) => mark.effect === effect);

describe('an image', () => {
  const asked = { service: 'image', doing: 'look at the image' } as const;
  const shown = z.object({
    visibility: z.string(),
    hw_rng_model: z.string().optional(),
    bakery_promoted: z.string().optional(),
  });
  const look = () => demo.ask({ ...asked, path: `/images/${image.id}` }, shown, signal);

  it('is nobody else’s before its release is promoted, and then of the projects that the settings name', async () => {
    expect(await look()).toEqual({ visibility: 'private' });
    const mark = { ...orders.launch(image).mark, effect: 'publish.hello.v1' };
    const publish = () => plain.publish(image, mark, freeCall());
    // Two at once, and once more.
    expect(await Promise.all([persist(publish), persist(publish)])).toEqual([[], []]);
    await publish();
    expect(await look()).toEqual({ visibility: 'shared', hw_rng_model: 'virtio', bakery_promoted: 'v1' });
    const { members } = await demo.ask(
      { ...asked, path: `/images/${image.id}/members` },
      z.object({ members: z.array(z.object({ member_id: z.string() })) }),
      signal,
    );
    // Of two who share it at once Glance tells both yes, and may keep the project twice.
    expect(new Set(members.map(({ member_id: id }) => id))).toEqual(new Set([other]));
  });
});

describe('an instance', () => {
  const floatingips = z.object({
    floatingips: z.array(z.object({ id: z.string(), floating_ip_address: z.string() })),
  });
  const floating = () =>
    demo.ask({ service: 'network', path: '/floatingips', doing: 'list them' }, floatingips, signal);

  it('gets a floating address that is listed with it and goes with it', async () => {
    const provider = providerWith({ floatingNetwork: 'public' });
    const { order, made } = launch(provider);
    const { id } = await made;
    const [address] = (await floating()).floatingips;
    const listed = await ofEffect(provider, order.mark);
    expect(listed.map((one) => `${one.what} ${one.id}`)).toEqual([
      `instance ${id}`,
      `builder floating-${address?.id}`,
    ]);
    const seen = await ofEffect(providerWith({ address: 'floating' }), order.mark);
    expect(seen[0]?.instance?.address).toBe(`http://${address?.floating_ip_address}:8080`);
    await end(provider, id);
    expect(await ofEffect(provider, order.mark)).toEqual([]);
    expect((await floating()).floatingips).toEqual([]);
  });

  it('that is gone without its floating address leaves one that is listed and can be ended', async () => {
    const provider = providerWith({ floatingNetwork: 'public' });
    const { order, made } = launch(provider);
    const { id } = await made;
    await demo.send(
      { service: 'compute', method: 'DELETE', path: `/servers/${id}`, doing: 'remove' },
      signal,
    );
    await expect
      .poll(async () => (await ofEffect(provider, order.mark)).map(({ what }) => what), { timeout: 60_000 })
      .toEqual(['builder']);
    const [left] = await ofEffect(provider, order.mark);
    await end(plain, left?.id ?? '');
    expect(await ofEffect(provider, order.mark)).toEqual([]);
  });

  it('takes a free port of those that were made beforehand, and its fixed address', async () => {
    const ports = await makePorts(2);
    const provider = providerWith({ ports: ports.map(({ name }) => name) });
    const launches = [launch(provider), launch(provider)];
    const made = await Promise.all(launches.map((one) => one.made));
    expect(made.map(({ address }) => address).sort()).toEqual(
      ports.map(({ ip }) => `http://${ip}:8080`).sort(),
    );
    await expect(launch(provider).made).rejects.toMatchObject({
      fault: 'quota',
      message: expect.stringContaining('None of the 2 ports'),
    });
    const listed = await Promise.all(launches.map(({ order }) => ofEffect(provider, order.mark)));
    const kept = listed.flat().filter(({ what }) => what === 'builder');
    expect(kept.map(({ id }) => id).sort()).toEqual(ports.map(({ id }) => `port-${id}`).sort());
    for (const { id } of made) await end(provider, id);
    for (const { order } of launches) expect(await ofEffect(provider, order.mark)).toEqual([]);
    for (const { id } of ports)
      await demo.send(
        { service: 'network', method: 'DELETE', path: `/ports/${id}`, doing: 'remove' },
        signal,
      );
  });

  it('is put where the settings say: zone, server group, security groups and key pair, without a drive', async () => {
    const place = await makePlace();
    const { name } = place;
    const over = { zones: ['nova'], serverGroup: name, securityGroups: [name], keyPair: name };
    const provider = providerWith({ ...over, configDrive: false });
    const { order, made } = launch(provider);
    const { id } = await made;
    const shown = z.object({
      server: z.object({
        'OS-EXT-AZ:availability_zone': z.string(),
        security_groups: z.array(z.object({ name: z.string() })),
        key_name: z.string(),
        config_drive: z.string(),
      }),
    });
    const asked = { service: 'compute', doing: 'look' } as const;
    expect(await demo.ask({ ...asked, path: `/servers/${id}` }, shown, signal)).toEqual({
      server: {
        'OS-EXT-AZ:availability_zone': 'nova',
        security_groups: [{ name }],
        key_name: name,
        config_drive: '',
      },
    });
    const group = z.object({ server_group: z.object({ members: z.array(z.string()) }) });
    const path = `/os-server-groups/${place.group}`;
    expect((await demo.ask({ ...asked, path }, group, signal)).server_group.members).toEqual([id]);
    await end(provider, id);
    expect(await ofEffect(provider, order.mark)).toEqual([]);
    await place.remove();
  });

  it('that the quota has no room for is not made, and what is in the way is named', async () => {
    const project = await demo.project(signal);
    const limit = (instances: number) =>
      admin.send(
        {
          ...{ service: 'compute', method: 'PUT', path: `/os-quota-sets/${project}`, doing: 'set a quota' },
          body: { quota_set: { instances, force: true } },
        } as const,
        signal,
      );
    await limit(0);
    const { order, made } = launch(plain);
    try {
      await expect(made).rejects.toMatchObject({
        fault: 'quota',
        message: expect.stringMatching(/flavor m1.tiny: \d+ of 0 instances are used/),
      });
    } finally {
      await limit(-1);
    }
    expect(await ofEffect(plain, order.mark)).toEqual([]);
  });
});

/** A server group, a security group and a key pair of one name, as operators make them. */
async function makePlace() {
  const name = `place-${randomBytes(3).toString('hex')}`;
  const asked = { method: 'POST', doing: 'make it' } as const;
  const named = z.object({ id: z.string() });
  const server_group = { name, policies: ['anti-affinity'] };
  const made = await demo.ask(
    { ...asked, service: 'compute', path: '/os-server-groups', body: { server_group } },
    z.object({ server_group: named }),
    signal,
  );
  const { security_group } = await demo.ask(
    { ...asked, service: 'network', path: '/security-groups', body: { security_group: { name } } },
    z.object({ security_group: named }),
    signal,
  );
  const keys = { ...asked, service: 'compute', path: '/os-keypairs', body: { keypair: { name } } } as const;
  await demo.send(keys, signal);
  const group = made.server_group.id;
  const remove = async () => {
    for (const [service, path] of [
      ['compute', `/os-server-groups/${group}`],
      ['network', `/security-groups/${security_group.id}`],
      ['compute', `/os-keypairs/${name}`],
    ] as const)
      await demo.send({ service, method: 'DELETE', path, doing: 'remove it' }, signal);
  };
  return { name, group, remove };
}

async function makePorts(count: number) {
  const network = await demo.ask(
    { service: 'network', path: '/networks?name=private', doing: 'look' },
    z.object({ networks: z.tuple([z.object({ id: z.string() })]) }),
    signal,
  );
  const schema = z.object({
    port: z.object({ id: z.string(), fixed_ips: z.tuple([z.object({ ip_address: z.string() })]) }),
  });
  const made: { id: string; name: string; ip: string }[] = [];
  for (let number = 1; number <= count; number++) {
    const port = {
      name: `beforehand-${randomBytes(3).toString('hex')}-${number}`,
      network_id: network.networks[0].id,
    };
    const asked = { service: 'network', method: 'POST', path: '/ports', doing: 'make a port' } as const;
    const { id, fixed_ips: ips } = (await demo.ask({ ...asked, body: { port } }, schema, signal)).port;
    made.push({ id, name: port.name, ip: ips[0].ip_address });
  }
  return made;
}
