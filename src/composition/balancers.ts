import { embeddedBalancer } from '../balancers/embedded/index.ts';
import type { BalancerSettings } from '../config/config.ts';
import type { Balancer } from '../pipeline/balancer.ts';

/** The balancers of the configuration, by the names that services call them. Starts those that are Bakery's own. */
export async function openBalancers(
  settings: ReadonlyMap<string, BalancerSettings>,
): Promise<Map<string, Balancer>> {
  const balancers = new Map<string, Balancer>();
  for (const [name, made] of settings) balancers.set(name, await open(made));
  return balancers;
}

async function open({ host, dataDir }: BalancerSettings): Promise<Balancer> {
  const balancer = embeddedBalancer({ host, dataDir });
  // What was live answers again after a reboot as soon as its instance does.
  await balancer.ensure();
  return balancer;
}
