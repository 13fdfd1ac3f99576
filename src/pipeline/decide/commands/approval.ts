import { type Actor, actorKey } from '../../domain/actor.ts';
import { askedToday } from '../../domain/asked-today.ts';
import { checksProblem } from '../../domain/checks.ts';
import { type Answer, isRefusal, type PipelineCommand, type Refusal, refuse } from '../../domain/command.ts';
import { isAuthorKnown, isHisOwn, isRequired, missing, needed, notCounted } from '../../domain/consent.ts';
import type { Approval, Deployment } from '../../domain/deployment.ts';
import { areFrozenOut, freezeInWords, freezeOf } from '../../domain/freeze.ts';
import { decidedTogether, groupOf } from '../../domain/gate.ts';
import { lockInWords } from '../../domain/lock.ts';
import type { People } from '../../domain/policy.ts';
import type { Release } from '../../domain/release.ts';
import { standingProblem } from '../../domain/standing.ts';
import { deploymentSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import type { Draft } from '../draft.ts';
import { ago, decidedBy } from './done-by.ts';
import { findDeployment, stateInWords } from './find.ts';

type Approve = PipelineCommand & { do: 'approve' };

/** A person's yes to one image with one set of settings and one test run. */
export function approve(draft: Draft, command: Approve, how?: 'together'): Answer {
  const { image, settings } = command;
  const waiting = deciding(draft, command, how);
  if (isRefusal(waiting)) return waiting;
  const deployment = askedToday(waiting, draft.facts.policy);
  if (deployment.image.digest !== image || deployment.plan.settings.digest !== settings) {
    return refuse(
      'stale',
      'This card is out of date: the image or the settings have changed. Look at the card again.',
    );
  }
  const release = draft.facts.releases.get(deployment.version);
  const problem = inTheWay(draft, deployment, release, command);
  if (problem !== undefined) return problem;
  if (areFrozenOut(waiting, draft.facts, draft.now)) {
    draft.emit({ type: 'ApprovalsVoided', ...aboutOf(deployment), because: 'freeze' });
  }
  draft.emit({
    type: 'DeploymentApproved',
    ...aboutOf(deployment),
    approval: approvalOf(draft, { deployment, before: waiting.plan, release }, command),
  });
  advance(draft, deploymentSubject(deployment));
  const { service, version, environment } = deployment;
  const more = missing(
    askedToday(draft.facts.deployments.get(deployment.id) ?? deployment, draft.facts.policy),
  );
  return {
    accepted: true,
    sentence: `You approved ${service} v${version} for ${environment}.${more === undefined ? '' : ` ${more}${whyMore(deployment, command)}`}`,
  };
  function whyMore({ plan }: Deployment, { verified }: Approve): string {
    return needed({ plan }, verified) > plan.approvals
      ? ' The author of the commit could not be matched with anybody in Slack by e-mail, so two people have to agree.'
      : '';
  }
}

/** What stands against this yes now. All of it can be put aside by an override but the standing of the image itself. */
function inTheWay(
  { facts, now }: Draft,
  deployment: Deployment,
  release: Release | undefined,
  { by, verified }: Approve,
): Refusal | undefined {
  const { environment } = deployment;
  const standing = standingProblem(deployment, facts);
  if (standing !== undefined) return refuse('not in good standing', standing);
  const freeze = freezeOf(facts, environment, now);
  if (freeze !== undefined)
    return refuse('frozen', freezeInWords(environment, freeze, { now, workspace: facts.policy.workspace }));
  const lock = facts.slots.get(environment)?.lock;
  if (lock !== undefined)
    return refuse('locked', `${lockInWords(environment, lock, now)} It can be approved then.`);
  if (verified?.reachable !== true) {
    return refuse(
      'not in good standing',
      `The commit of v${deployment.version} cannot be reached from ${facts.policy.branch}, so it cannot be approved for ${environment}. Merge it first; /bake override puts that aside with a reason.`,
    );
  }
  const { checks } = facts.policy;
  const red = checks && checksProblem(checks.required, verified.checks ?? []);
  if (red !== undefined) {
    return refuse(
      'not in good standing',
      `The required checks of v${deployment.version} are not green: ${red}. It can be approved for ${environment} when they are; /bake override puts that aside with a reason.`,
    );
  }
  const notHis = notCounted(deployment, release, by, verified);
  return notHis === undefined ? undefined : refuse('not in good standing', notHis);
}

interface Wanted {
  /** As it is asked for today. */
  deployment: Deployment;
  /** The plan of the request. */
  before: Deployment['plan'];
  release: Release | undefined;
}

function approvalOf(
  draft: Draft,
  { deployment, before, release }: Wanted,
  { by, image, settings, verified }: Approve,
): Approval {
  const suites = release?.suites ?? [];
  const sum = (of: 'passed' | 'failed'): number => suites.reduce((all, suite) => all + suite[of], 0);
  const groups = verified?.groups === undefined || verified.groups === 'unknown' ? [] : verified.groups.in;
  const [through] = draft.grants;
  const isOwn = isHisOwn(deployment, release, by, verified) !== undefined;
  return {
    by,
    at: draft.now,
    image,
    settings,
    needed: needed(deployment, verified),
    ...(release === undefined
      ? {}
      : { tests: { generation: release.generation, passed: sum('passed'), failed: sum('failed') } }),
    ...(through === undefined ? {} : { through }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(isRequired(deployment, by, verified) ? { required: true } : {}),
    ...othersNamed(deployment.plan.oneOf, before.oneOf),
    ...(isOwn ? { own: true } : {}),
    ...(isAuthorKnown(verified) ? {} : { authorUnknown: true }),
    ...(through?.through === 'break-glass' ? { breakGlass: draft.text(verified?.breakGlass ?? '') } : {}),
  };
}

/** Of whom one is needed, when that is not what it was at the request. */
const othersNamed = (today: People = [], before: People = []): Pick<Approval, 'oneOf'> =>
  today.join() === before.join() ? {} : { oneOf: today };

/** A person's no, with a reason. */
export function reject(draft: Draft, command: PipelineCommand & { do: 'reject' }, how?: 'together'): Answer {
  const deployment = deciding(draft, command, how);
  if (isRefusal(deployment)) return deployment;
  const reason = command.reason.trim();
  if (reason === '') return refuse('bad input', 'A rejection needs a reason.');
  draft.emit({
    type: 'DeploymentRejected',
    ...aboutOf(deployment),
    by: command.by,
    reason: draft.text(reason),
  });
  advance(draft, deploymentSubject(deployment));
  return { accepted: true, sentence: `You rejected v${deployment.version} for ${deployment.environment}.` };
}

/** The deployment, if it waits for a decision that this person may make. */
function deciding(
  draft: Draft,
  command: PipelineCommand & { do: 'approve' | 'reject' },
  how: 'together' | undefined,
): Deployment | Refusal {
  const deployment = findDeployment(draft, command.deployment);
  if (isRefusal(deployment)) return deployment;
  const no = draft.may(command, 'approve', deployment.environment);
  if (no !== undefined) return no;
  if (deployment.state !== 'running' || deployment.stage !== 'approve') {
    return refuse('already decided', `${decidedBy(deployment, draft.now)} ${stateInWords(deployment)}.`);
  }
  const group = groupOf(deployment, draft.facts.releases.get(deployment.version));
  if (group !== undefined && how !== 'together')
    return refuse('not in good standing', decidedTogether(deployment, group));
  if (deployment.wait?.for === 'turn') {
    return refuse(
      'too late',
      `v${deployment.version} waits until what waits before it in ${deployment.environment} is decided.`,
    );
  }
  const mine = command.do === 'approve' ? approvalBy(deployment, command.by) : undefined;
  return mine === undefined
    ? deployment
    : refuse('already decided', `You have approved this already, ${ago(mine.at, draft.now)}.`);
}

const approvalBy = ({ approvals }: Deployment, by: Actor): Approval | undefined =>
  approvals.find((approval) => actorKey(approval.by) === actorKey(by));
