import { octaviaBalancer } from '../../balancers/octavia/index.ts';
import { nameOf, Octavia } from '../../balancers/octavia/octavia.ts';
import type { Call } from '../../pipeline/provider.ts';
import { sessionOf } from '../../providers/openstack/session-of.ts';
import { environments, type Place } from '../place.ts';
import type { Cloud } from './cloud.ts';

export interface OctaviaDemo {
  /** Its name or id. */
  loadBalancer: string;
  /** Where its front doors are reached; its own address without it. */
  host?: string | undefined;
}

const patience = 60_000;
/** Milliseconds; of no meaning to the demo itself, which drains nothing. */
const statistics = 10_000;
const check = { every: 3, timeout: 2, up: 2, down: 2 };

/** A load balancer of the cloud, which is there, as the front door. What the demo made below it goes with the demo. */
export function octaviaFront(
  told: OctaviaDemo,
): Pick<Cloud, 'balancer' | 'balancerEntry' | 'endBalancer' | 'host'> {
  return {
    balancer: 'octavia',
    balancerEntry: () => ({ kind: 'octavia', ...told }),
    endBalancer: (place) => close(told, place),
    async host() {
      const door = await octaviaBalancer({ ...told, check, statistics }).frontDoor(
        { slot: 'any', port: 80 },
        call(),
      );
      return new URL(door).hostname;
    },
  };
}

const call = (): Call => ({
  signal: AbortSignal.timeout(patience),
  ensureTime: () => undefined,
  log: () => undefined,
});

async function close({ loadBalancer }: OctaviaDemo, { ports }: Place): Promise<void> {
  const octavia = new Octavia(sessionOf({}), loadBalancer);
  for (const name of environments) {
    const frontend = { slot: `hello.${name}`, port: ports[name] };
    const listener = await octavia.listener(frontend, call());
    if (listener?.name === nameOf(frontend.slot)) await octavia.close(listener, call());
    for (const pool of await octavia.pools(frontend, call()))
      if (pool.id === listener?.default_pool_id) await octavia.removePool(pool, call());
  }
}
