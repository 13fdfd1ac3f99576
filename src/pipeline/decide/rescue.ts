import type { Actor } from '../domain/actor.ts';
import type { Instance } from '../domain/instance.ts';
import type { Marked } from '../domain/marked.ts';
import type { Release } from '../domain/release.ts';
import { writableOf } from '../domain/service-file.ts';
import type { Slot } from '../domain/slot.ts';
import type { TaskInputs } from '../domain/task.ts';
import { frontendOf } from '../stages/orders.ts';
import { takeOver } from './commands/roll-back.ts';
import type { Draft } from './draft.ts';
import { goesBackTo } from './go-back.ts';
import type { Held } from './held.ts';

/** Whoever ran the script: its own log, or the account's, says who. */
const whoeverRanIt: Actor = { kind: 'operator', account: 'the rescue script' };

/** What the script that brings a version back without Bakery is made from. Settings that are secrets stay references. */
export function scriptInput(
  { facts }: Draft,
  slot: Slot,
  { live, plan }: Held,
  { image, file, version }: Release,
): TaskInputs['script'] | undefined {
  if (image === undefined || file === undefined) return undefined;
  const { service, environment } = slot;
  const { owner } = facts;
  const epoch = slot.epoch + 1;
  const mark = { owner, service, version, environment, generation: 1, epoch };
  return {
    provider: plan.provider,
    balancer: plan.balancer,
    frontend: frontendOf({ service, environment, plan }),
    image,
    spec: {
      start: file.recipe.start,
      health: file.health,
      grace: file.grace,
      ...writableOf(file),
      settings: plan.settings.values,
    },
    marks: Array.from({ length: plan.count }, (_, index) => ({
      ...mark,
      effect: `rescue.${live.deployment}.v${version}.${index}`,
    })),
    running: slot.beside?.version === version ? slot.beside.instances : [],
    instead: { version: live.version, deployment: live.deployment },
  };
}

/** A script may start only what can be gone back to: of a revoked image none is left, until there is one for another. */
export function forgetScripts(draft: Draft): void {
  for (const slot of draft.facts.slots.values()) {
    const { service, environment, rescue, rescued } = slot;
    if (rescue === undefined || rescued !== undefined) continue;
    if (goesBackTo(draft.facts, slot)?.version === rescue.version) continue;
    draft.emit({ type: 'RescueForgotten', service, environment, version: rescue.version });
  }
}

/** A script was run while Bakery was away: what it started is what is to be live. */
export function takeOverRescues(draft: Draft, found: readonly Marked[]): void {
  for (const slot of draft.facts.slots.values()) {
    const { rescue, environment } = slot;
    if (rescue === undefined || slot.rescued !== undefined) continue;
    const instances = rescue.made.flatMap(({ effect, generation }): Instance[] => {
      const one = found.find(({ mark }) => mark.effect === effect && mark.generation === generation);
      return one?.instance === undefined ? [] : [one.instance];
    });
    if (instances.length === 0 || instances.length < rescue.made.length) continue;
    const { version } = rescue;
    draft.emit({ type: 'RescueFound', service: slot.service, environment, version, instances });
    goBack(draft, environment, version);
  }
}

/** A script was run that found the version still running, and gave it the traffic. */
export function followTraffic(draft: Draft, slot: Slot, weights: Record<string, number>): boolean {
  const weightOf = (instances: readonly { id: string }[]): number =>
    instances.reduce((sum, { id }) => sum + (weights[id] ?? 0), 0);
  const { live, beside, rescue, environment } = slot;
  if (live === undefined || beside === undefined || rescue?.version !== beside.version) return false;
  if (weightOf(live.instances) > 0 || weightOf(beside.instances) === 0) return false;
  goBack(draft, environment, beside.version);
  return true;
}

/** Whether somebody else than the ledger knows of has traffic: then nothing is repaired before it is known who. */
export function servesSomebodyElse({ live, beside }: Slot, weights: Record<string, number>): boolean {
  const known = new Set([...(live?.instances ?? []), ...(beside?.instances ?? [])].map(({ id }) => id));
  return Object.entries(weights).some(([id, weight]) => weight > 0 && !known.has(id));
}

function goBack(draft: Draft, environment: string, version: number): void {
  const release = draft.facts.releases.get(version);
  const plan = draft.facts.policy.environments.find(({ name }) => name === environment);
  if (release === undefined || plan === undefined) return;
  takeOver(draft, release, plan, { by: whoeverRanIt });
}
