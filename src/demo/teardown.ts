import { setTimeout as pause } from 'node:timers/promises';
import type { Call } from '../pipeline/provider.ts';
import type { Cloud } from './clouds/cloud.ts';
import { localCloud } from './clouds/local.ts';
import { ownerOf } from './installation.ts';
import type { Place } from './place.ts';

const patience = 15_000;

/** Ends every instance that the demo started, and its balancer. The data stays, so that a start finds all as it was. */
export async function tearDown(place: Place, cloud: Cloud = localCloud): Promise<number> {
  await cloud.endBalancer(place);
  const owner = ownerOf(place);
  if (owner === undefined) return 0;
  const provider = cloud.open(place);
  const call: Call = {
    signal: AbortSignal.timeout(patience * cloud.patience),
    ensureTime: () => undefined,
    log: () => undefined,
  };
  const instances = (await provider.list(owner, call)).filter(({ what }) => what === 'instance');
  for (const { id } of instances) {
    for (;;) {
      const reply = await provider.terminate(id, 3_000, call);
      if (reply.ready) break;
      await pause(Math.min(reply.again, 200));
    }
  }
  return instances.length;
}

/** Before the data of a demo that was torn down is removed: what it left elsewhere. */
export async function forget(place: Place, cloud: Cloud): Promise<void> {
  const owner = ownerOf(place);
  if (owner !== undefined) await cloud.forget(place, owner);
}
