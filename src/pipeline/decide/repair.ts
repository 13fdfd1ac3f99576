import { theClock } from '../domain/actor.ts';
import type { Instance } from '../domain/instance.ts';
import type { Slot } from '../domain/slot.ts';
import type { Subject, TaskResults } from '../domain/task.ts';
import type { At, Millis } from '../domain/time.ts';
import type { Draft } from './draft.ts';
import { type Held, heldIn } from './held.ts';
import { openIn, requestDeployment } from './ladder.ts';
import { followTraffic, servesSomebodyElse } from './rescue.ts';

const minute = 60_000;
/** Pauses before the second and later repairs of one slot; a new hour begins anew. */
const pauses: readonly Millis[] = [minute / 2, minute, 2 * minute, 4 * minute];
/** After so many repairs within an hour a person is asked. */
const most = pauses.length + 1;
const forgottenAfter = 60 * minute;

/**
 * What a survey of a slot means: instances that should serve and do not are started again from the same image. False
 * when all of them serve, and nobody was brought back without Bakery.
 */
export function repair(
  draft: Draft,
  subject: Subject & { kind: 'slot' },
  found: TaskResults['survey'],
): boolean {
  const { service, environment } = subject;
  const slot = draft.facts.slots.get(environment);
  const held = heldIn(draft.facts, environment);
  if (slot === undefined || held === undefined || slot.lease !== undefined) return false;
  const { live, release, plan } = held;
  const weights = found.weights ?? {};
  if (followTraffic(draft, slot, weights) || servesSomebodyElse(slot, weights)) return true;
  const lost = lostOf(live.instances, found);
  if (lost.length === 0) return false;
  if (openIn(draft, environment).some(({ kind }) => kind === 'repair')) return true;
  const about = { service, environment, version: live.version, lost };
  const { count, next, stopped } = repairsOf(slot, draft.now);
  if (stopped || draft.now < next) return true;
  if (count >= most) {
    draft.emit({ type: 'RepairsStopped', ...about, count });
    return true;
  }
  draft.emit({ type: 'InstancesLost', ...about, count: count + 1 });
  requestDeployment(draft, { release, plan, kind: 'repair', by: theClock, keeps: servingOn(held, lost) });
  return true;
}

/** Those that are well and stay as they are; none when all are to be started anew, with other settings or a smaller count. */
function servingOn({ live, plan }: Held, lost: readonly string[]): Instance[] {
  const well = live.instances.filter(({ id }) => !lost.includes(id));
  return well.length < plan.count && live.settings === plan.settings.digest ? well : [];
}

/** Those that do not run, fail their health check, or are not behind the balancer. */
function lostOf(
  instances: readonly { id: string }[],
  { alive, unwell = [], members }: TaskResults['survey'],
): string[] {
  const serves = (id: string): boolean => alive.includes(id) && members.includes(id) && !unwell.includes(id);
  return instances.map(({ id }) => id).filter((id) => !serves(id));
}

/** How often it was repaired of late, and when it may be again. */
function repairsOf({ repairs }: Slot, now: At): { count: number; next: At; stopped: boolean } {
  if (repairs === undefined) return { count: 0, next: now, stopped: false };
  if (repairs.stopped) return { count: repairs.count, next: now, stopped: true };
  if (now - repairs.at >= forgottenAfter) return { count: 0, next: now, stopped: false };
  const pause = pauses[Math.min(repairs.count, pauses.length) - 1] ?? 0;
  return { count: repairs.count, next: repairs.at + pause, stopped: false };
}
