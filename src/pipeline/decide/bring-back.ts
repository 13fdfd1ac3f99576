import { theClock } from '../domain/actor.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { Draft } from './draft.ts';
import { heldIn } from './held.ts';
import { hasBegun, openIn, requestDeployment } from './ladder.ts';

/**
 * What was live was stopped first, and what was to take its place came to nothing: it is started again at once, from its
 * image. Whoever else has begun in the slot decides what runs there.
 */
export function bringBack(draft: Draft, { service, environment, stoppedOld }: Deployment): void {
  const held = heldIn(draft.facts, environment);
  if (stoppedOld !== true || held === undefined) return;
  if (openIn(draft, environment).some((one) => one.kind !== 'release' || hasBegun(one))) return;
  const { live, release, plan } = held;
  const lost = live.instances.map(({ id }) => id);
  const count = draft.facts.slots.get(environment)?.repairs?.count ?? 1;
  draft.emit({ type: 'InstancesLost', service, environment, version: live.version, lost, count });
  requestDeployment(draft, { release, plan, kind: 'repair', by: theClock });
}
