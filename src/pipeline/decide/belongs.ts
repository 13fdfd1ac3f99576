import { type Deployment, isDeploymentOver } from '../domain/deployment.ts';
import type { Facts } from '../domain/facts.ts';
import type { Marked } from '../domain/marked.ts';
import { isOver } from '../domain/release.ts';
import type { TaskId } from '../domain/task.ts';
import { bakeEffect } from '../stages/bake.ts';
import { candidateEffect, candidateMigration } from '../stages/candidate.ts';
import { launchedBy } from '../stages/launch.ts';
import { migrateEffect } from '../stages/migrate.ts';

/** Whether something that runs belongs to anything: to a task, to what is live, beside it, or still under way. */
export function belongs({ mark }: Marked, facts: Facts): boolean {
  const lease = facts.slots.get(mark.environment)?.lease;
  // Whoever holds the slot may be making it at this moment.
  if (lease !== undefined && mark.epoch > 0 && lease.epoch === mark.epoch) return true;
  return [...facts.tasks, ...servingIn(facts), ...underWay(facts)].some(
    ({ effect, generation }) => effect === mark.effect && generation === mark.generation,
  );
}

/** What is live, or still beside what is live, in any slot, and what a rescue script has started or may start. */
const servingIn = ({ slots }: Facts): TaskId[] =>
  [...slots.values()].flatMap(({ live, beside, rescue, rescued }) => [
    ...(rescue?.made ?? []),
    ...(rescued?.instances ?? []),
    ...(live?.instances ?? []),
    ...(beside?.instances ?? []),
  ]);

/** What releases and deployments that are not over have made, or are about to, and what they take down themselves. */
function underWay({ releases, deployments }: Facts): TaskId[] {
  const candidates = [...releases.values()]
    .filter((release) => !isOver(release))
    .flatMap((release) =>
      [candidateEffect(release), candidateMigration(release), bakeEffect(release)].map((effect) => ({
        effect,
        generation: release.generation,
      })),
    );
  const open = [...deployments.values()].filter((deployment) => !isDeploymentOver(deployment));
  return [...candidates, ...open.flatMap(madeBy)];
}

const madeBy = (deployment: Deployment): TaskId[] => [
  ...launchedBy(deployment),
  { effect: migrateEffect(deployment), generation: deployment.generation },
  ...deployment.instances,
  ...(deployment.old?.instances ?? []),
  ...(deployment.retiring?.instances ?? []),
];
