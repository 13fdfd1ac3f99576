import type { Serving } from '../domain/deployment.ts';
import type { Slot } from '../domain/slot.ts';
import type { Subject, TaskInputs, TaskResults } from '../domain/task.ts';
import { evenly, frontendOf, order } from '../stages/orders.ts';
import type { Draft } from './draft.ts';
import { heldIn } from './held.ts';

/** Who should be behind the balancer of a quiet slot, and with which weights. */
export function trafficOf(
  live: Serving,
  slot: Slot | undefined,
): NonNullable<TaskInputs['survey']['traffic']> {
  const ids = ({ instances }: Serving): string[] => instances.map(({ id }) => id);
  return { weights: evenly(ids(live), 100), beside: slot?.beside === undefined ? [] : ids(slot.beside) };
}

/**
 * A call of an ended lease may come late, where a balancer cannot refuse it, and somebody else may have changed the slot:
 * weights are set again and strangers are taken out, under the slot's own epoch, so that whoever takes it next is not
 * disturbed. One thing after the other: first nobody but the live ones has traffic, then strangers go.
 */
export function putRight(
  draft: Draft,
  subject: Subject & { kind: 'slot' },
  { strangers = [], misweighted = false }: TaskResults['survey'],
): void {
  const slot = draft.facts.slots.get(subject.environment);
  const held = heldIn(draft.facts, subject.environment);
  if (slot === undefined || slot.lease !== undefined || held === undefined) return;
  if (!misweighted && strangers.length === 0) return;
  const { live, plan } = held;
  const { service, environment } = subject;
  const at = {
    balancer: plan.balancer,
    frontend: frontendOf({ service, environment, plan }),
    epoch: slot.epoch,
  };
  // Each repair is a task of its own; the tenth of a second numbers it.
  const about = { subject, stage: 'upkeep', generation: Math.floor(draft.now / 100) };
  const name = `${service}.${environment}`;
  if (misweighted) {
    const { weights } = trafficOf(live, slot);
    draft.order([
      order({ kind: 'shift', effect: `weigh.${name}`, ...about, input: { ...at, weights } }, draft),
    ]);
    return;
  }
  const known = new Set([...live.instances, ...(slot.beside?.instances ?? [])].map(({ id }) => id));
  const instances = strangers
    .filter((id) => !known.has(id))
    .map((id) => ({ provider: plan.provider, id, address: '', effect: '', generation: 0 }));
  draft.order([
    order({ kind: 'detach', effect: `expel.${name}`, ...about, input: { ...at, instances } }, draft),
  ]);
}
