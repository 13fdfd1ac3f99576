import { leftovers, reap } from '../decide/reap.ts';
import { theClock } from '../domain/actor.ts';
import { type Inventory, markedKey } from '../domain/marked.ts';
import type { ServicePolicy } from '../domain/policy.ts';
import type { Slot } from '../domain/slot.ts';
import { subjectKey, type TaskOrder } from '../domain/task.ts';
import { order } from '../stages/orders.ts';
import type { Deciding } from './deciding.ts';
import type { EngineParts } from './parts.ts';

/** What belonged to nothing when its provider was last looked at, by provider. */
export type Seen = Map<string, ReadonlySet<string>>;

/** Asks every provider that a service names for all that it has; one that has not answered is not asked again. */
export async function orderInventories({ ledger, policies, now }: EngineParts): Promise<void> {
  const at = now();
  const orders: TaskOrder[] = [];
  for (const provider of providersOf(policies.values())) {
    const subject = { kind: 'cloud' as const, service: '' as const, provider };
    if (await ledger.isWanted(subjectKey(subject))) continue;
    const effect = `inventory.${provider}`;
    const generation = Math.floor(at / 100);
    const input = { provider, owner: ledger.owner };
    orders.push(
      order({ kind: 'inventory', effect, subject, generation, stage: 'upkeep', input }, { now: at }),
    );
  }
  if (orders.length === 0) return;
  const nothing = { expect: {}, events: [], texts: {}, stop: [], channel: '' };
  await ledger.commit({ at, by: theClock, orders, ...nothing });
}

const providersOf = (policies: Iterable<ServicePolicy>): Set<string> =>
  new Set(
    [...policies].flatMap(({ provider, environments }) => [
      provider,
      ...environments.map((environment) => environment.provider),
    ]),
  );

/** Decides about what an inventory shows, one service after the other. Services that are not configured are left alone. */
export async function lookForLeftovers(
  parts: EngineParts,
  deciding: Deciding,
  inventory: Inventory,
  seen: Seen,
): Promise<void> {
  const { provider, found } = inventory;
  const marksBroken = areMarksBroken(inventory, await parts.ledger.slots(), parts.policies);
  const seenBefore = seen.get(provider) ?? new Set();
  const now = new Set<string>();
  for (const service of new Set(found.map(({ mark }) => mark.service))) {
    if (!parts.policies.has(service)) continue;
    const own = { ...inventory, found: found.filter(({ mark }) => mark.service === service) };
    await deciding.request({
      service,
      named: {},
      by: theClock,
      decide: (facts, at) => {
        for (const marked of leftovers(facts, own)) now.add(markedKey(provider, marked));
        return reap(facts, { ...own, seenBefore, marksBroken }, at);
      },
    });
  }
  seen.set(provider, now);
}

/** Whether most of what the ledger knows to run in this provider is not among what was found. */
export function areMarksBroken(
  { provider, at, found }: Inventory,
  slots: readonly Slot[],
  policies: ReadonlyMap<string, ServicePolicy>,
): boolean {
  const believed = slots
    .filter(({ service, environment }) =>
      policies
        .get(service)
        ?.environments.some((one) => one.name === environment && one.provider === provider),
    )
    .flatMap(({ live, beside }) => [live, beside].filter((serving) => serving !== undefined))
    .filter(({ since }) => since <= at)
    .flatMap(({ instances }) => instances);
  const known = new Set(found.map(({ mark }) => `${mark.effect}\n${mark.generation}`));
  const there = believed.filter(({ effect, generation }) => known.has(`${effect}\n${generation}`));
  return there.length * 2 < believed.length;
}
