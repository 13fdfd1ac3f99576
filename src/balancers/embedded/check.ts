import type { SlotTraffic } from '../../pipeline/balancer.ts';
import { ask } from './control-client.ts';
import { pathsIn } from './paths.ts';
import { findBalancer } from './process.ts';

/** What an embedded balancer's process says of itself, without starting one. Throws ProviderError `unreachable`. */
export interface EmbeddedLook {
  /** Undefined: none lives on this data directory. */
  pid?: number;
  log: string;
  /** Slots that have members. */
  slots: { slot: string; port: number; members: number; healthy: number }[];
}

/** Asks the balancer's process of a data directory for the members of each slot. */
export async function lookAtEmbedded(
  dataDir: string,
  slots: readonly { slot: string; port: number }[],
): Promise<EmbeddedLook> {
  const paths = pathsIn(dataDir);
  const pid = await findBalancer(paths);
  if (pid === undefined) return { log: paths.log, slots: [] };
  const found = await Promise.all(
    slots.map(async ({ slot, port }) => {
      // The other side is this same folder's process, typed by ControlCalls.
      const traffic = (await ask(
        paths.socket,
        'members',
        { frontend: { slot, port } },
        5_000,
      )) as SlotTraffic;
      const healthy = traffic.members.filter(({ health }) => health === 'healthy').length;
      return { slot, port, members: traffic.members.length, healthy };
    }),
  );
  return { pid, log: paths.log, slots: found.filter(({ members }) => members > 0) };
}
