import type { Deployment } from '../domain/deployment.ts';
import type { Event } from '../domain/event.ts';
import type { Facts } from '../domain/facts.ts';
import type { Failure } from '../domain/fault.ts';
import type { Release, SuiteResult } from '../domain/release.ts';
import { reliefOf, successorOf, triesOf } from '../domain/relief.ts';
import {
  type Evidence,
  type OpenTask,
  type Subject,
  subjectKey,
  type TaskKind,
  type TaskResults,
} from '../domain/task.ts';
import type { At } from '../domain/time.ts';
import { type Heard, isFailure } from '../stages/contract.ts';
import { hookOf } from '../stages/hooks.ts';
import { deploymentRules, releaseRules } from '../stages/index.ts';
import { probesAnswered } from '../stages/measuring.ts';
import { deploymentSubject, releaseSubject } from '../stages/orders.ts';
import { advance } from './advance.ts';
import { aboutOf, fail, returned } from './advance-deployment.ts';
import { type Decision, Draft } from './draft.ts';
import { goesBackTo } from './go-back.ts';
import { outputNotRead, outputRead } from './output.ts';
import { putRight } from './put-right.ts';
import { reaped } from './reap.ts';
import { reconcile } from './reconcile.ts';
import { isTimeFor, startAgain } from './relief.ts';
import { repair } from './repair.ts';
import { checked, rehearsed } from './standby.ts';

/** How a task ended for good: retries are over. */
export type Settled = { task: OpenTask & { kind: TaskKind } } & (
  | { is: 'done'; result: TaskResults[TaskKind] }
  | { is: 'failed'; failure: Failure; evidence?: Evidence }
  | { is: 'cancelled' }
);

/** Decides what follows from a task that ended. What no longer applies is ignored. */
export function settle(facts: Facts, settled: Settled, now: At): Decision {
  const { task } = settled;
  const same = (other: OpenTask) => other.effect === task.effect && other.generation === task.generation;
  const draft = new Draft({ ...facts, tasks: facts.tasks.filter((other) => !same(other)) }, now);
  const { subject } = task;
  if (subject.kind === 'release') {
    const release = facts.releases.get(subject.version);
    if (release !== undefined) settleRelease(draft, release, settled);
  } else if (subject.kind === 'deployment') {
    const deployment = facts.deployments.get(subject.id);
    if (deployment !== undefined) settleDeployment(draft, deployment, settled);
  } else if (settled.is === 'done') {
    upkept(draft, subject, heardOf(settled));
  } else if (settled.is === 'failed' && task.kind === 'output' && subject.kind === 'slot') {
    outputNotRead(draft, subject, settled.failure);
  }
  advance(draft, subject);
  if (subject.kind === 'service') advanceOpenReleases(draft);
  return draft.decision({ accepted: true, sentence: `${subjectKey(subject)} went on.` });
}

/** A bake waits while images of its service are removed. */
function advanceOpenReleases(draft: Draft): void {
  const { service, open } = draft.facts.service;
  for (const version of open) advance(draft, { kind: 'release', service, version });
}

/** What upkeep found or did. */
function upkept(draft: Draft, subject: Subject, heard: Heard): void {
  if (subject.kind === 'slot' && heard.kind === 'survey') {
    if (!repair(draft, subject, heard.result)) putRight(draft, subject, heard.result);
  }
  if (subject.kind === 'slot' && heard.kind === 'output') outputRead(draft, subject, heard.result.outputs);
  if (subject.kind === 'standby') lookedAfter(draft, subject, heard);
  if (heard.kind === 'reconcile') reconcile(draft, heard.result);
  if (heard.kind === 'reap' || heard.kind === 'discard') reaped(draft, heard.result);
}

function lookedAfter(draft: Draft, subject: Subject & { kind: 'standby' }, heard: Heard): void {
  const { service, environment } = subject;
  if (heard.kind === 'check') checked(draft, subject, heard.result);
  if (heard.kind === 'rehearse') rehearsed(draft, subject, heard.result);
  if (heard.kind !== 'script') return;
  const { version } = heard.result;
  const slot = draft.facts.slots.get(environment);
  // Revoked while the script was written: what would be gone back to is another by now.
  if (slot === undefined || goesBackTo(draft.facts, slot)?.version !== version) return;
  draft.emit({ type: 'RescueWritten', service, environment, version, rescue: heard.result });
}

/** A task's kind and result belong together by the contract of tasks; the union cannot show it. */
const heardOf = (settled: Settled & { is: 'done' }): Heard =>
  ({ kind: settled.task.kind, effect: settled.task.effect, result: settled.result }) as Heard;

/** Names of tests are the repository's words: they lie beside the chain, cleaned of secrets, where they can be erased. */
const asTexts = (draft: Draft, suites: SuiteResult[]): SuiteResult[] =>
  suites.map((one) => ({ ...one, failures: one.failures.map((name) => draft.text(name)) }));

function settleRelease(draft: Draft, release: Release, settled: Settled): void {
  const { task } = settled;
  const about = { service: release.service, version: release.version };
  if (task.generation !== release.generation) return;
  if (release.state === 'undoing' && task.undo) {
    if (settled.is === 'failed') {
      const failure = draft.failure(task.stage, settled.failure);
      draft.emit({ type: 'ReleaseLeftOver', ...about, failure, effect: task.effect });
    }
    draft.emit({ type: 'ReleaseStepDone', ...about, effect: task.effect });
    return;
  }
  if (release.state !== 'running' || task.stage !== release.stage || settled.is === 'cancelled') return;
  const hook = task.kind === 'hook' ? hookOf(release, task.effect, draft) : undefined;
  if (task.kind === 'hook' && !(settled.is === 'failed' && hook?.stops)) {
    const ran = { ...about, effect: task.effect };
    if (settled.is === 'failed') {
      const failure = draft.failure(task.stage, settled.failure);
      draft.emit({ type: 'ReleaseHookFailed', ...ran, failure, hook: hook?.name ?? 'that left the files' });
    }
    draft.emit({ type: 'ReleaseStepDone', ...ran });
    return;
  }
  if (settled.is === 'failed') {
    const suites = settled.evidence?.suites;
    if (suites !== undefined) draft.emit({ type: 'SuitesRun', ...about, suites: asTexts(draft, suites) });
    failRelease(draft, release, settled.failure);
    return;
  }
  const meaning = releaseRules(release.stage).heard(release, heardOf(settled), draft);
  if (isFailure(meaning)) failRelease(draft, release, meaning);
  else draft.emit(...meaning.map((event) => withTexts(draft, event)));
}

const withTexts = (draft: Draft, event: Event): Event =>
  event.type === 'SuitesRun' ? { ...event, suites: asTexts(draft, event.suites) } : event;

function failRelease(draft: Draft, release: Release, failure: Failure): void {
  const { service, version, stage } = release;
  draft.emit({ type: 'ReleaseStageFailed', service, version, failure: draft.failure(stage, failure) });
  draft.stop(releaseSubject(release));
}

function settleDeployment(draft: Draft, deployment: Deployment, settled: Settled): void {
  const { task } = settled;
  if (task.generation !== deployment.generation) return;
  if (deployment.state === 'undoing' && task.undo) {
    settleUndo(draft, deployment, settled);
    return;
  }
  if (deployment.state !== 'running' || task.stage !== deployment.stage || settled.is === 'cancelled') return;
  const hook = task.kind === 'hook' ? hookOf(deployment, task.effect, draft) : undefined;
  if (task.kind === 'hook' && !(settled.is === 'failed' && hook?.stops)) {
    const ran = { ...aboutOf(deployment), effect: task.effect };
    if (settled.is === 'failed') {
      const failure = draft.failure(task.stage, settled.failure);
      draft.emit({
        type: 'DeploymentHookFailed',
        ...ran,
        failure,
        hook: hook?.name ?? 'that left the files',
      });
    }
    draft.emit({ type: 'DeploymentStepDone', ...ran });
    return;
  }
  if (settled.is === 'failed' && isBeforeNoReturn(deployment)) {
    keepOld(draft, deployment, settled, hook?.name);
    return;
  }
  if (settled.is === 'failed') {
    const phase = deployment.stage === 'soak' ? 'after' : 'during';
    draft.emit(...probesAnswered(deployment, phase, settled.evidence?.probes));
    if (canTurnCold(deployment, settled.failure)) {
      draft.emit({ type: 'TurnedCold', ...aboutOf(deployment), generation: deployment.generation + 1 });
    } else fail(draft, deployment, settled.failure);
    return;
  }
  const meaning = deploymentRules(deployment.stage).heard(deployment, heardOf(settled), draft);
  if (isFailure(meaning)) fail(draft, deployment, meaning);
  else draft.emit(...meaning);
}

/** The old one is still there: whatever failed on the way to letting it go, nothing has to be undone and nobody is in a hurry. */
const isBeforeNoReturn = ({ stage, retiringSince }: Deployment): boolean =>
  stage === 'retire' && retiringSince === undefined;

/** It is tried again when somebody presses, or by the clock after a while, so that it never runs in a circle. */
function keepOld(
  draft: Draft,
  deployment: Deployment,
  { task, failure }: Settled & { is: 'failed' },
  hook: string | undefined,
): void {
  const failed = { failure: draft.failure(task.stage, failure), ...(hook === undefined ? {} : { hook }) };
  draft.emit({ type: 'RetireRefused', ...aboutOf(deployment), failed });
  const { lease } = draft.facts.slots.get(deployment.environment) ?? {};
  if (lease?.deployment === deployment.id)
    draft.emit({ type: 'LeaseReleased', ...aboutOf(deployment), epoch: lease.epoch });
}

/** What still ran was to take the traffic and does not: its image is still there. */
const canTurnCold = ({ warm, stage, share, wentLive }: Deployment, { fault }: Failure): boolean =>
  warm && stage === 'cut-over' && share === 0 && !wentLive && fault !== 'fenced';

function settleUndo(draft: Draft, deployment: Deployment, settled: Settled): void {
  const { task } = settled;
  const about = aboutOf(deployment);
  const isShift = task.kind === 'shift';
  const relief = isShift ? reliefOf(deployment) : undefined;
  const tries = isShift ? triesOf(deployment) + 1 : 0;
  // Somebody newer is in charge of the slot: what this one would undo there is theirs now. Unless there is nobody.
  const isAnothers = relief === undefined || successorOf(deployment, draft.facts) !== undefined;
  const isLeft = settled.is === 'failed' && !(settled.failure.fault === 'fenced' && isAnothers);
  if (isLeft && (relief === undefined || tries === 1)) {
    const failure = draft.failure(task.stage, settled.failure);
    draft.emit({ type: 'DeploymentLeftOver', ...about, failure, effect: task.effect });
  }
  const shiftedBack = settled.is === 'done' && isShift;
  const back = shiftedBack && deployment.endsAs === 'went back' ? deployment.old : undefined;
  draft.emit({
    type: 'DeploymentStepDone',
    ...about,
    effect: task.effect,
    ...(back === undefined || !deployment.wentLive ? {} : { returnedTo: back }),
    ...(shiftedBack && relief !== undefined ? { relieved: true } : {}),
  });
  if (isLeft && relief !== undefined && isTimeFor(tries)) startAgain(draft, deployment, relief);
  if (back === undefined) return;
  returned(draft, deployment, back.version);
  draft.wake(deploymentSubject(deployment));
}
