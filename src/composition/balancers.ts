import { elbBalancer } from '../balancers/elb/index.ts';
import { embeddedBalancer } from '../balancers/embedded/index.ts';
import type { HaproxyOptions } from '../balancers/haproxy/haproxy.ts';
import { haproxyBalancer } from '../balancers/haproxy/index.ts';
import { octaviaBalancer } from '../balancers/octavia/index.ts';
import type { EmbeddedBalancerSettings } from '../config/balancers/embedded.ts';
import type { HaproxyBalancerSettings } from '../config/balancers/haproxy.ts';
import type { BalancerSettings } from '../config/balancers/index.ts';
import type { OctaviaBalancerSettings } from '../config/balancers/octavia.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Balancer } from '../pipeline/balancer.ts';
import { ProviderError } from '../pipeline/provider.ts';
import { elbSettings } from './elb.ts';

/** The balancers of the configuration, by the names that services call them. Starts those that are Bakery's own. */
export async function openBalancers(
  settings: ReadonlyMap<string, BalancerSettings>,
  metrics: Pick<Metrics, 'balancerFailed'>,
  workers: () => number = () => 1,
): Promise<Map<string, Balancer>> {
  const balancers = new Map<string, Balancer>();
  for (const [name, made] of settings) {
    const failed = (fault: string): void => metrics.balancerFailed(name, fault);
    balancers.set(name, counted(await open(made, workers), failed));
  }
  return balancers;
}

async function open(made: BalancerSettings, workers: () => number): Promise<Balancer> {
  switch (made.kind) {
    case 'embedded':
      return openEmbedded(made);
    case 'haproxy':
      return haproxyBalancer(optionsOf(made));
    case 'octavia':
      return openOctavia(made);
    case 'elb':
      return elbBalancer(elbSettings(made, workers));
  }
}

/** Octavia takes seconds. */
function openOctavia({ check, ...made }: OctaviaBalancerSettings): Balancer {
  const { every, timeout, ...goes } = check;
  return octaviaBalancer({ ...made, check: { ...goes, every: every / 1_000, timeout: timeout / 1_000 } });
}

const optionsOf = ({ socket, master, stateDir, host }: HaproxyBalancerSettings): HaproxyOptions => ({
  socket,
  stateDir,
  host,
  ...(master === undefined ? {} : { master }),
});

async function openEmbedded({ host, dataDir }: EmbeddedBalancerSettings): Promise<Balancer> {
  const balancer = embeddedBalancer({ host, dataDir });
  // What was live answers again after a reboot as soon as its instance does.
  await balancer.ensure();
  return balancer;
}

/** The same balancer, which tells of each call that failed. */
function counted(balancer: Balancer, failed: (fault: string) => void): Balancer {
  const count = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      failed(error instanceof ProviderError ? error.fault : 'bug');
      throw error;
    }
  };
  const { expect } = balancer;
  return {
    name: balancer.name,
    members: (...given) => count(balancer.members(...given)),
    ...(expect && { expect: (...given) => count(expect.call(balancer, ...given)) }),
    attach: (...given) => count(balancer.attach(...given)),
    shift: (...given) => count(balancer.shift(...given)),
    drain: (...given) => count(balancer.drain(...given)),
    detach: (...given) => count(balancer.detach(...given)),
    frontDoor: (...given) => count(balancer.frontDoor(...given)),
    shiftScript: (order) => balancer.shiftScript(order),
  };
}
