import type { Deployment } from '../domain/deployment.ts';
import type { Hook } from '../domain/hook.ts';
import type { ServicePolicy } from '../domain/policy.ts';
import type { Release } from '../domain/release.ts';
import type { TaskInputs, TaskOrder } from '../domain/task.ts';
import type { StageContext, Step } from './contract.ts';
import { deploymentSubject, order, releaseMark, releaseSubject } from './orders.ts';
import { retireBegins, retireRound } from './retire.ts';

type Subject = Release | Deployment;

const isDeployment = (subject: Subject): subject is Deployment => 'environment' in subject;

const isBeforeRetire = ({ when, stage }: Hook): boolean => when === 'before' && stage === 'retire';

/** Grows each time that the hooks of a subject are asked anew. */
const roundOf = (subject: Subject): number =>
  isDeployment(subject) && subject.stage === 'retire' ? retireRound(subject) : subject.generation;

const effectOf = (hook: Hook, subject: Subject): string => {
  const { name, when, stage, how } = hook;
  const of = isDeployment(subject) ? subject.id : `${subject.service}.v${subject.version}`;
  if (how.by === 'checks') return `checks.${of}`;
  const effect = `hook.${when}.${stage}.${name}.${of}`;
  // The stage goes on after a no, so that a yes of before must not count for the next try.
  return isBeforeRetire(hook) ? `${effect}.${roundOf(subject)}` : effect;
};

/** The forge's checks are waited for like a hook before everything else. */
function checksHook({ checks }: ServicePolicy): Hook[] {
  if (checks?.wait === undefined) return [];
  const place = { when: 'before', stage: 'build', stops: true } as const;
  return [{ name: 'checks', ...place, within: checks.wait, how: { by: 'checks', checks } }];
}

/** Hooks of the operators, then those of the commit. A rollback and a repair have none: they do not wait for others. */
function hooksOf(subject: Subject, { facts }: StageContext): Hook[] {
  if (isDeployment(subject) && subject.kind !== 'release') return [];
  const release = isDeployment(subject) ? facts.releases.get(subject.version) : subject;
  const all = [...checksHook(facts.policy), ...(facts.policy.hooks ?? []), ...(release?.file?.hooks ?? [])];
  return all.filter(
    ({ stage, environments }) =>
      stage === subject.stage &&
      (!isDeployment(subject) || environments === undefined || environments.includes(subject.environment)),
  );
}

/** The hook that a task is of; undefined when the files do not have it any more. */
export const hookOf = (subject: Subject, effect: string, context: StageContext): Hook | undefined =>
  hooksOf(subject, context).find((hook) => effectOf(hook, subject) === effect);

/** What a stage wants, with its hooks before and after it: one after the other, each once. What is skipped has none. */
export function withHooks(subject: Subject, wanted: Step, context: StageContext): Step {
  if (wanted.is === 'failed' || (wanted.is === 'passed' && wanted.skipped)) return wanted;
  const due = hooksOf(subject, context).find(
    (hook) => isDue(hook, subject, wanted, context) && !subject.done.includes(effectOf(hook, subject)),
  );
  return due === undefined ? wanted : { is: 'tasks', orders: [run(due, subject, context)] };
}

/** Before a stage: from its beginning on; of `retire`, which begins by waiting, once the old one is to go. */
function isDue(hook: Hook, subject: Subject, wanted: Step, context: StageContext): boolean {
  if (hook.when === 'after') return wanted.is === 'passed';
  return !isBeforeRetire(hook) || (isDeployment(subject) && retireBegins(subject, context));
}

function run(hook: Hook, subject: Subject, context: StageContext): TaskOrder {
  const { facts } = context;
  const release = isDeployment(subject) ? facts.releases.get(subject.version) : subject;
  if (release === undefined) throw new Error(`There is no release of the hook ${hook.name}.`);
  const effect = effectOf(hook, subject);
  const { name, when, stage, within, how } = hook;
  const { service, version, commit, image } = release;
  const retires =
    isDeployment(subject) && isBeforeRetire(hook)
      ? facts.slots.get(subject.environment)?.beside?.version
      : undefined;
  const round = roundOf(subject);
  const about = {
    hook: name,
    ...{ when, stage, service, version, commit: commit.sha },
    ...(image === undefined ? {} : { image: image.digest }),
    ...(isDeployment(subject) ? { environment: subject.environment, deployment: subject.id } : {}),
    ...(retires === undefined ? {} : { retires }),
    ...(round > 1 ? { round } : {}),
  };
  const input: TaskInputs['hook'] =
    how.by !== 'command'
      ? { about, within, how }
      : { about, within, how, checkout: checkoutOf(release, effect, context) };
  const details = {
    effect,
    generation: subject.generation,
    subject: isDeployment(subject) ? deploymentSubject(subject) : releaseSubject(subject),
    stage,
  };
  return order({ kind: 'hook', ...details, within, input }, context);
}

function checkoutOf(release: Release, effect: string, context: StageContext) {
  const { repository, folder, access } = context.facts.policy;
  const image = release.file?.build.image;
  return {
    repository,
    folder,
    sha: release.commit.sha,
    mark: releaseMark(release, effect, context),
    ...(access === undefined ? {} : { access }),
    ...(image === undefined ? {} : { image }),
  };
}
