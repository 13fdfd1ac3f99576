import { z } from 'zod';
import { sessionOf } from '../../../src/providers/openstack/session-of.ts';
import { cloudsFile } from './openstack-world.ts';

/** What is in the project, by Nova's and Glance's own lists: servers, and images that are snapshots. */
export async function everyServer(): Promise<{ servers: string[]; snapshots: string[] }> {
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
  const ids = (all: { id: string }[]): string[] => all.map(({ id }) => id).sort();
  return { servers: ids(servers.servers), snapshots: ids(images.images) };
}
