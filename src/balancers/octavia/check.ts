import { ProviderError } from '../../pipeline/provider.ts';
import { type Look, lookAtAll } from '../../providers/openstack/check.ts';
import { slotOfPool } from '../../providers/openstack/members.ts';
import type { Session } from '../../providers/openstack/session.ts';
import { type HeldSlot, strayIn } from '../stray-slots.ts';
import { Octavia } from './octavia.ts';

const patience = 60_000;

/** `bakery check openstack`, for one balancer, on which the files have these slots. */
export function checkOctavia(
  name: string,
  loadBalancer: string,
  session: Session,
  slots: readonly string[],
  print: (line: string) => void,
): Promise<0 | 1> {
  const signal = AbortSignal.timeout(patience);
  const octavia = new Octavia(session, loadBalancer);
  const looks: Look[] = [
    { what: 'login', look: async () => `project ${await session.project(signal)}` },
    { what: 'catalog, load-balancer', look: () => session.endpoint('load-balancer', signal) },
    {
      what: 'load balancer',
      async look() {
        const changing = await octavia.changing({ signal });
        const found = await changing.look({ signal });
        const { provisioning_status: status, vip_address: address, tags } = found;
        if (status === 'ERROR')
          throw new ProviderError(
            'unexpected state',
            `Octavia says that it is ${status}, and takes no change. A failover by the cloud's operators brings it back.`,
          );
        if (tags === undefined)
          throw new ProviderError(
            'bad settings',
            'This Octavia has no tags, which came with version 2.5 of its interface. Bakery cannot use it.',
          );
        return `${found.id} at ${address} is ${status}`;
      },
    },
    {
      what: 'slots of no environment',
      async look() {
        const stray = strayIn(await heldBy(octavia, signal), new Set(slots), howToRemove);
        return stray.length === 0 ? 'none' : stray.join(' ');
      },
    },
  ];
  return lookAtAll(name, looks, print);
}

const howToRemove = 'remove its listener, and its pool with the members, both of the name bakery.SLOT.';

/** The slots of all pools that are named as Bakery names them, with their members and how these are. */
async function heldBy(octavia: Octavia, signal: AbortSignal): Promise<HeldSlot[]> {
  const held: HeldSlot[] = [];
  for (const pool of await octavia.allPools({ signal })) {
    const slot = slotOfPool(pool.name);
    if (slot === undefined) continue;
    const members = await octavia.members(pool, { signal });
    held.push({ slot, members: members.map((one) => `${one.name} (${one.operating_status})`) });
  }
  return held;
}
