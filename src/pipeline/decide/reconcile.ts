import type { Serving } from '../domain/deployment.ts';
import { newSlot } from '../domain/evolve-slot.ts';
import type { Facts } from '../domain/facts.ts';
import type { Marked } from '../domain/marked.ts';
import type { Slot } from '../domain/slot.ts';
import type { Subject, TaskResults } from '../domain/task.ts';
import type { At } from '../domain/time.ts';
import { order } from '../stages/orders.ts';
import { type Decision, Draft } from './draft.ts';
import { leftovers } from './reap.ts';

type Found = TaskResults['reconcile'];

/** After a restore: asks what the clouds really have of a service. */
export function lookAround(facts: Facts, now: At): Decision {
  const draft = new Draft(facts, now);
  const { service, provider, environments } = facts.policy;
  const subject: Subject = { kind: 'service', service };
  if (facts.service.restoring !== undefined && draft.openTasks(subject).length === 0) {
    const input = {
      service,
      owner: facts.owner,
      providers: [...new Set([provider, ...environments.map((environment) => environment.provider)])],
      slots: environments.map(({ name, balancer, port }) => ({
        environment: name,
        balancer,
        frontend: { slot: `${service}.${name}`, port },
      })),
    };
    const effect = `reconcile.${service}`;
    const generation = Math.floor(now / 100);
    draft.order([order({ kind: 'reconcile', effect, subject, generation, stage: 'upkeep', input }, draft)]);
  }
  return draft.decision({ accepted: true, sentence: `Looking what there is of ${service}.` });
}

/** What serves is taken for what is live, whatever the ledger thought; versions go on above the highest found. */
export function reconcile(draft: Draft, { found, slots }: Found): void {
  const { service } = draft.facts.policy;
  if (draft.facts.service.restoring === undefined) return;
  const taken = slots.flatMap((seen) => takeOver(draft, seen, found));
  const highest = Math.max(0, ...found.map(({ mark }) => mark.version));
  const left = leftovers(draft.facts, { found }).map(({ id }) => id);
  draft.emit({ type: 'LedgerReconciled', service, highest, taken, left });
}

/** Makes what has traffic in a slot the live one. Returns the environment when that is not what the ledger thought. */
function takeOver(draft: Draft, seen: Found['slots'][number], found: Marked[]): string[] {
  const { service } = draft.facts.policy;
  const { environment } = seen;
  const slot = draft.facts.slots.get(environment) ?? newSlot(service, environment);
  const serving = servingIn(seen, found, draft.now);
  const [first, ...others] = serving;
  if (first === undefined) return holdRepairs(draft, slot);
  if (sameInstances(slot.live, first)) return [];
  const beside = others.flatMap(({ instances }) => instances);
  const second = others[0];
  draft.emit({
    type: 'ServingFound',
    service,
    environment,
    version: first.version,
    epoch: Math.max(slot.epoch, seen.epoch),
    live: first,
    ...(second === undefined ? {} : { beside: { ...second, instances: beside } }),
    ...(slot.live === undefined ? {} : { thought: slot.live.version }),
  });
  return [environment];
}

/** Nothing has traffic: what the ledger thinks may be long gone, so a person says whether it is started again. */
function holdRepairs(draft: Draft, { service, environment, live }: Slot): string[] {
  if (live === undefined) return [];
  const lost = live.instances.map(({ id }) => id);
  draft.emit({ type: 'RepairsStopped', service, environment, version: live.version, lost, count: 0 });
  return [environment];
}

const sameInstances = (live: Serving | undefined, found: Serving): boolean =>
  live !== undefined &&
  live.instances.length === found.instances.length &&
  live.instances.every(({ id }) => found.instances.some((one) => one.id === id));

/** What has traffic, one entry for each version, the one with the most traffic first. */
function servingIn({ members }: Found['slots'][number], found: Marked[], now: At): Serving[] {
  const byVersion = new Map<number, { weight: number; serving: Serving }>();
  for (const { instance: id, weight } of members) {
    const marked = found.find((one) => one.what === 'instance' && one.id === id);
    if (weight === 0 || marked?.instance === undefined) continue;
    const { version } = marked.mark;
    const known = byVersion.get(version) ?? {
      weight: 0,
      serving: { version, deployment: foundAfterRestore, instances: [], settings: '', since: now },
    };
    known.weight += weight;
    known.serving.instances.push(marked.instance);
    byVersion.set(version, known);
  }
  return [...byVersion.values()].sort((a, b) => b.weight - a.weight).map(({ serving }) => serving);
}

/** The deployment of what was found serving: the ledger that knew it is gone. */
const foundAfterRestore = 'found-after-restore';
