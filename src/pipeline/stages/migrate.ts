import type { Deployment } from '../domain/deployment.ts';
import type { Event } from '../domain/event.ts';
import { writableOf } from '../domain/service-file.ts';
import type { Mark, TaskInputs, TaskOrder } from '../domain/task.ts';
import type { DeploymentStageRules, StageContext, Step } from './contract.ts';
import { passed, skipped } from './contract.ts';
import { deploymentSubject, order } from './orders.ts';
import { takeSlot } from './take-slot.ts';

export const migrateEffect = ({ id }: Pick<Deployment, 'id'>): string => `migrate.${id}`;

/** What stands against a migration that leaves what is live without a database that it works with, as a failure. */
export function shutsOutLive(
  { migrate, override, version, environment }: Deployment,
  { facts }: StageContext,
) {
  const live = facts.slots.get(environment)?.live;
  const floor = migrate?.rollbackTo;
  if (floor === undefined || live === undefined || override !== undefined) return undefined;
  if (live.version >= floor || live.version === version) return undefined;
  const sentence = `v${version} says that nothing before v${floor} works with its database, and v${live.version} is live in ${environment}: it serves until v${version} does, and again should v${version} fail. Nothing was changed. Release a version in between that works with both, or put this aside with /bake override.`;
  return { is: 'failed', failure: { fault: 'denied', sentence } } as const satisfies Step;
}

/** Takes the slot and runs the migration from the new image, with the settings of the environment, before anything else is started. */
export const migrate: DeploymentStageRules = {
  name: 'migrate',
  doing: 'changing the database',
  next(deployment, context) {
    const { migrate: wanted, id, migrating, migrated, done } = deployment;
    if (wanted === undefined) return skipped;
    const slot = context.facts.slots.get(deployment.environment);
    if (slot?.lease?.deployment !== id)
      return shutsOutLive(deployment, context) ?? takeSlot(deployment, context);
    if (migrating !== true) {
      const { rollbackTo } = wanted;
      const floor = rollbackTo === undefined ? {} : { rollbackTo };
      return { is: 'decided', events: [{ type: 'MigrationBegan', ...aboutOf(deployment), ...floor }] };
    }
    if (migrated !== true) return { is: 'tasks', orders: [run(deployment, context)] };
    const end = removeMigration(deployment, context, false);
    return done.includes(end.effect) ? passed : { is: 'tasks', orders: [end] };
  },
  heard(deployment, heard) {
    const about = aboutOf(deployment);
    if (heard.kind === 'migrate') return [{ type: 'MigrationDone', ...about }];
    return heard.kind === 'terminate' ? [{ type: 'DeploymentStepDone', ...about, effect: heard.effect }] : [];
  },
  undo: (deployment, context) =>
    deployment.migrating === true ? [removeMigration(deployment, context, true)] : [],
};

function run(deployment: Deployment, context: StageContext): TaskOrder {
  const { migrate: wanted, image, plan, service, environment, version, generation } = deployment;
  if (wanted === undefined) throw new Error(`${deployment.id} has no migration.`);
  const effect = migrateEffect(deployment);
  const mark = {
    owner: context.facts.owner,
    service,
    version,
    environment,
    effect,
    generation,
    epoch: deployment.epoch ?? 0,
  };
  const about = { effect, generation, subject: deploymentSubject(deployment), stage: 'migrate' };
  const input = migrationOf(deployment, wanted, {
    provider: plan.provider,
    image,
    mark,
    values: plan.settings.values,
  });
  return order({ kind: 'migrate', ...about, longer: wanted.timeout, input }, context);
}

interface Place {
  provider: string;
  image: Deployment['image'];
  mark: Mark;
  values: Deployment['plan']['settings']['values'];
}

/** The command as an instance that runs to its end, in place of the service's own start. */
export const migrationOf = (
  of: Pick<Deployment, 'grace' | 'writable'>,
  { argv, timeout }: NonNullable<Deployment['migrate']>,
  { provider, image, mark, values }: Place,
): TaskInputs['migrate'] => ({
  provider,
  image,
  mark,
  spec: {
    start: argv,
    once: true,
    health: { path: '/', within: timeout },
    grace: of.grace,
    settings: values,
    ...writableOf(of),
  },
});

/** Ends what ran it, whether its end was heard of or not. */
function removeMigration(deployment: Deployment, context: StageContext, undo: boolean): TaskOrder {
  const effect = migrateEffect(deployment);
  const { generation, plan, grace } = deployment;
  return order(
    {
      kind: 'terminate',
      effect: `${undo ? 'undo' : 'end'}.${effect}`,
      generation,
      subject: deploymentSubject(deployment),
      stage: 'migrate',
      undo,
      input: { provider: plan.provider, owner: context.facts.owner, made: [{ effect, generation }], grace },
    },
    context,
  );
}

const aboutOf = ({
  service,
  environment,
  version,
  id,
}: Deployment): Pick<
  Event & { type: 'MigrationDone' },
  'service' | 'environment' | 'version' | 'deployment'
> => ({ service, environment, version, deployment: id });
