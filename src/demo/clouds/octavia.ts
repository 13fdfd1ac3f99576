import { octaviaBalancer } from '../../balancers/octavia/index.ts';
import { Octavia } from '../../balancers/octavia/octavia.ts';
import { canRetry } from '../../pipeline/domain/fault.ts';
import { type Call, ProviderError } from '../../pipeline/provider.ts';
import { poolName } from '../../providers/openstack/members.ts';
import { sessionOf } from '../../providers/openstack/session-of.ts';
import { environments, type Place } from '../place.ts';
import { CannotBegin, type Cloud } from './cloud.ts';

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
): Pick<Cloud, 'balancer' | 'balancerEntry' | 'endBalancer' | 'host' | 'prepare'> {
  return {
    balancer: 'octavia',
    balancerEntry: () => ({ kind: 'octavia', ...told }),
    prepare: (place) => ensureOwn(told, place),
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

const frontendsOf = ({ ports }: Place) =>
  environments.map((name) => ({ slot: `hello.${name}`, port: ports[name] }));

/** A service that is really called as the demo's is would get its members. */
async function ensureOwn({ loadBalancer }: OctaviaDemo, place: Place): Promise<void> {
  const octavia = new Octavia(sessionOf({}), loadBalancer);
  for (const frontend of frontendsOf(place)) {
    const listener = await octavia.listener(frontend, call());
    for (const pool of await octavia.pools(frontend, call()))
      if (pool.id !== listener?.default_pool_id)
        throw new CannotBegin(
          `The load balancer ${loadBalancer} has a pool ${pool.name} that is not this demo's. Nothing was changed; name another load balancer, or remove the pool if nobody uses it.`,
        );
  }
}

async function close({ loadBalancer }: OctaviaDemo, place: Place): Promise<void> {
  const octavia = new Octavia(sessionOf({}), loadBalancer);
  for (const frontend of frontendsOf(place)) {
    const listener = await octavia.listener(frontend, call());
    if (listener?.name === poolName(frontend.slot)) await persist(() => octavia.close(listener, call()));
    for (const pool of await octavia.pools(frontend, call()))
      if (pool.id === listener?.default_pool_id) await persist(() => octavia.removePool(pool, call()));
  }
}

/** Again while Octavia is busy: each go waits some seconds by itself. */
async function persist(change: () => Promise<void>): Promise<void> {
  const end = Date.now() + patience;
  for (;;)
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof ProviderError) || !canRetry(error.fault) || Date.now() > end) throw error;
    }
}
