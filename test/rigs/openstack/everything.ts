import { z } from 'zod';
import { unlessGone } from '../../../src/providers/openstack/gone.ts';
import { sessionOf } from '../../../src/providers/openstack/session-of.ts';
import { cloudsFile } from './openstack-world.ts';

interface Everything {
  servers: string[];
  snapshots: string[];
  ports: string[];
  floating: string[];
  reports: string[];
}

/** What is in the project, by the lists of Nova, Glance, Neutron and Swift themselves. */
export async function everything(): Promise<Everything> {
  const session = sessionOf({ cloud: 'rig', cloudsFile: cloudsFile() });
  const { signal } = new AbortController();
  const named = z.array(z.object({ id: z.string() }));
  const ask = { doing: 'list all of it' };
  const servers = await session.ask(
    { ...ask, service: 'compute', path: '/servers' },
    z.object({ servers: named }),
    signal,
  );
  const images = await session.ask(
    { ...ask, service: 'image', path: '/images?image_type=snapshot' },
    z.object({ images: named }),
    signal,
  );
  const { ports } = await session.ask(
    { ...ask, service: 'network', path: '/ports?device_owner=compute:nova' },
    z.object({ ports: named }),
    signal,
  );
  const { floatingips } = await session.ask(
    { ...ask, service: 'network', path: '/floatingips' },
    z.object({ floatingips: named }),
    signal,
  );
  // Before the first bake there is no container. Packages stay there for a week.
  const kept = await unlessGone(
    session.ask(
      { ...ask, service: 'object-store', path: '/bakery?format=json' },
      z.array(z.object({ name: z.string() })),
      signal,
    ),
  );
  const reports = kept?.map(({ name }) => name).filter((name) => !name.startsWith('packages/'));
  const ids = (all: { id: string }[]): string[] => all.map(({ id }) => id).sort();
  return {
    servers: ids(servers.servers),
    snapshots: ids(images.images),
    ports: ids(ports),
    floating: ids(floatingips),
    reports: reports ?? [],
  };
}
