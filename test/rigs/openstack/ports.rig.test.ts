import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { ready } from '../../../src/pipeline/provider.ts';
import { Ports } from '../../../src/providers/openstack/ports.ts';
import { sessionOf } from '../../../src/providers/openstack/session-of.ts';
import { persist } from '../../support/persist.ts';
import { cloudsFile } from './openstack-world.ts';

const rounds = 5;
const { signal } = new AbortController();
const session = sessionOf({ cloud: 'rig', cloudsFile: cloudsFile() });
const owner = `owner-${randomBytes(4).toString('hex')}`;
const markOf = (effect: string) => ({
  ...{ owner, service: 'hello', version: 1, environment: 'staging' },
  ...{ effect, generation: 1, epoch: 0 },
});

it('two launches at once take two ports of Neutron’s, each time', { timeout: 240_000 }, async () => {
  const asked = { service: 'network', doing: 'make ports' } as const;
  const named = z.object({ id: z.string() });
  const { networks } = await session.ask(
    { ...asked, path: '/networks?name=private' },
    z.object({ networks: z.tuple([named]) }),
    signal,
  );
  const make = async () => {
    const body = { port: { network_id: networks[0].id } };
    const made = { ...asked, method: 'POST', path: '/ports', body } as const;
    return (await session.ask(made, z.object({ port: named }), signal)).port.id;
  };
  const ids = [await make(), await make()];
  const ports = new Ports(session, Date.now);
  const take = (effect: string) => persist(async () => ready(await ports.take(ids, markOf(effect), signal)));
  try {
    for (let round = 0; round < rounds; round++) {
      const effects = ['one', 'two'].map((name) => `${name}-${round}`);
      expect((await Promise.all(effects.map(take))).sort()).toEqual([...ids].sort());
      const listed = await ports.list(ids, owner, signal);
      expect(listed.map(({ mark }) => mark.effect).sort()).toEqual(effects);
      for (const id of ids) await ports.release(id, signal);
    }
  } finally {
    for (const id of ids) await session.send({ ...asked, method: 'DELETE', path: `/ports/${id}` }, signal);
  }
});
