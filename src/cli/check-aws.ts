import { checkLoadBalancer, straySlots } from '../balancers/elb/check.ts';
import { elbSettings } from '../composition/elb.ts';
import type { Config } from '../config/config.ts';
import { checkAccount } from '../providers/aws/check.ts';
import { slotsOf } from './haproxy.ts';

/** `bakery check aws`: prints what each account and each load balancer of bot.yaml lacks; 0 when none lacks anything. */
export async function checkAws(
  config: Config,
  base: string | undefined,
  print: (line: string) => void = console.log,
): Promise<0 | 1> {
  const zones = new Set<string>();
  let asked = 0;
  let missing = 0;
  const tell = (name: string, findings: readonly string[]): void => {
    for (const finding of findings) print(`${name}: ${finding}`);
    if (findings.length === 0) print(`${name}: nothing is missing.`);
    asked += 1;
    missing += findings.length;
  };
  for (const [name, made] of config.providers) {
    if (made.kind !== 'aws') continue;
    const keep = () => Promise.reject(new Error('a check bakes nothing'));
    const { who, findings, ...found } = await checkAccount({ ...made, keep, now: Date.now }, base);
    if (who !== '') print(`${name}: this is ${who}, in ${made.region}.`);
    for (const zone of found.zones) zones.add(zone);
    tell(name, findings);
  }
  for (const [name, made] of config.balancers)
    if (made.kind === 'elb') {
      const slots = slotsOf(config, name);
      tell(name, await checkLoadBalancer(elbSettings(made), slots, [...zones]));
      for (const stray of await straySlots(elbSettings(made), slots)) print(`${name}: ${stray}`);
    }
  if (asked === 0) print('bot.yaml has no provider of kind aws and no balancer of kind elb.');
  return missing === 0 ? 0 : 1;
}
