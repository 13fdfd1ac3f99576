import type { Failure } from '../domain/fault.ts';
import type { InstanceOutput, Subject } from '../domain/task.ts';
import { aboutOf } from './advance-deployment.ts';
import type { Draft } from './draft.ts';

type OfSlot = Subject & { kind: 'slot' };

export const outputEffect = (service: string, environment: string): string =>
  `output.${service}.${environment}`;

/** What the instances that are live wrote goes to the thread of their card. */
export function outputRead(draft: Draft, slot: OfSlot, outputs: InstanceOutput[]): void {
  const deployment = liveIn(draft, slot);
  if (deployment === undefined) return;
  draft.emit({ type: 'OutputRead', ...aboutOf(deployment), lines: draft.text(together(outputs)) });
}

/** Whoever asked is told why there is nothing to see. */
export function outputNotRead(draft: Draft, slot: OfSlot, failure: Failure): void {
  const deployment = liveIn(draft, slot);
  if (deployment === undefined) return;
  draft.emit({ type: 'OutputNotRead', ...aboutOf(deployment), failure: draft.failure('output', failure) });
}

function liveIn({ facts }: Draft, { environment }: OfSlot) {
  const live = facts.slots.get(environment)?.live;
  return live === undefined ? undefined : facts.deployments.get(live.deployment);
}

/** One after the other, each under its name where there are several. */
const together = (outputs: InstanceOutput[]): string =>
  outputs
    .flatMap(({ instance, lines }) => [...(outputs.length > 1 ? [`── ${instance}`] : []), ...lines])
    .join('\n');
