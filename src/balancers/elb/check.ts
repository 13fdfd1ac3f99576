import type { Frontend } from '../../pipeline/domain/task.ts';
import { type Call, ProviderError } from '../../pipeline/provider.ts';
import { type HeldSlot, strayIn } from '../stray-slots.ts';
import { booked, slotTag } from './book.ts';
import { limitFindings } from './limits.ts';
import { ElasticLoadBalancer } from './load-balancer.ts';
import type { ElbSettings } from './settings.ts';

/**
 * What a load balancer lacks for these slots, a sentence for each with what to do. `zones` are those of the instances
 * that are to be its targets. Changes nothing.
 */
export async function checkLoadBalancer(
  settings: ElbSettings,
  slots: readonly Frontend[],
  zones: readonly string[],
): Promise<string[]> {
  const balancer = new ElasticLoadBalancer(settings);
  const call: Call = {
    signal: AbortSignal.timeout(60_000),
    ensureTime: () => undefined,
    log: () => undefined,
  };
  const findings: string[] = [];
  try {
    const { AvailabilityZones = [], State, LoadBalancerName } = await balancer.itself(call);
    if (State?.Code !== undefined && !['active', 'active_impaired'].includes(State.Code))
      findings.push(`The load balancer ${LoadBalancerName} is ${State.Code}. Wait until it is active.`);
    const served = AvailabilityZones.map(({ ZoneName }) => ZoneName);
    for (const zone of zones.filter((one) => !served.includes(one)))
      findings.push(
        `The load balancer ${LoadBalancerName} does not serve the zone ${zone}, so that an instance there never becomes healthy. Give it a subnet of that zone.`,
      );
    const listeners = await balancer.listeners(call);
    const isOpen = ({ port }: Frontend): boolean => listeners.some(({ Port }) => Port === port);
    const coming = slots.filter((slot) => !isOpen(slot)).length;
    findings.push(...limitFindings(LoadBalancerName ?? '', await balancer.below(call), coming));
    for (const slot of slots) findings.push(...(await listenerFindings(balancer, slot, call)));
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    findings.push(error.message);
  }
  return findings;
}

/** A port without a listener is fine: Bakery opens it. */
async function listenerFindings(
  balancer: ElasticLoadBalancer,
  frontend: Frontend,
  call: Call,
): Promise<string[]> {
  const listener = await balancer.listener(frontend, call);
  if (listener === undefined) return [];
  const whose = (await balancer.tags(listener.ListenerArn ?? '', call))[slotTag];
  return whose === frontend.slot
    ? []
    : [
        `Port ${frontend.port} has a listener of ${whose ?? 'somebody else'}. Tag it ${slotTag}=${frontend.slot} to hand it to Bakery, or choose another port.`,
      ];
}

/** Slots that the load balancer holds for no environment of the files, in words; none where it cannot be asked. */
export async function straySlots(settings: ElbSettings, slots: readonly Frontend[]): Promise<string[]> {
  const balancer = new ElasticLoadBalancer(settings);
  const call = { signal: AbortSignal.timeout(60_000) };
  const held: HeldSlot[] = [];
  try {
    for (const { ListenerArn = '' } of await balancer.listeners(call)) {
      const tags = await balancer.tags(ListenerArn, call);
      const slot = tags[slotTag];
      if (slot === undefined) continue;
      const written = booked(tags, (instance) => instance);
      held.push({ slot, members: written.map(({ instance }) => instance) });
    }
  } catch (error) {
    // What is in the way was said with the other findings.
    if (error instanceof ProviderError) return [];
    throw error;
  }
  return strayIn(
    held,
    new Set(slots.map(({ slot }) => slot)),
    `remove its listener, which has the tag ${slotTag}, and its target groups.`,
  );
}
