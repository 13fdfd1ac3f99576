import { checkOctavia } from '../balancers/octavia/check.ts';
import type { Config } from '../config/config.ts';
import { checkOpenStack } from '../providers/openstack/check.ts';
import { sessionOf } from '../providers/openstack/session-of.ts';
import { slotsOf } from './haproxy.ts';

/** `bakery check openstack`: each provider and each balancer of these kinds. */
export async function checkClouds(
  { providers, balancers, policies }: Pick<Config, 'providers' | 'balancers' | 'policies'>,
  base: string | undefined,
  print: (line: string) => void = console.log,
): Promise<0 | 1> {
  const codes: (0 | 1)[] = [];
  for (const [name, made] of providers)
    if (made.kind === 'openstack') {
      const settings = {
        ...made,
        now: Date.now,
        keep: () => Promise.reject(new Error('nothing is baked here')),
      };
      codes.push(await checkOpenStack(name, settings, sessionOf(made), base, print));
    }
  for (const [name, made] of balancers)
    if (made.kind === 'octavia')
      codes.push(
        await checkOctavia(name, made.loadBalancer, sessionOf(made), slotNames({ policies }, name), print),
      );
  if (codes.length === 0)
    print('bot.yaml has no provider of kind openstack and no balancer of kind octavia.');
  return codes.includes(1) ? 1 : 0;
}

const slotNames = (config: Pick<Config, 'policies'>, balancer: string): string[] =>
  slotsOf(config, balancer).map(({ slot }) => slot);
