import { askedToday } from '../domain/asked-today.ts';
import { missing, mustAct } from '../domain/consent.ts';
import { type Deployment, isDeploymentOver, type Wait } from '../domain/deployment.ts';
import { areFrozenOut, freezeOf } from '../domain/freeze.ts';
import { groupOf } from '../domain/gate.ts';
import { settingsProblems } from '../domain/settings-check.ts';
import type { Millis } from '../domain/time.ts';
import type { DeploymentStageRules, StageContext, Step } from './contract.ts';
import { passed, skipped } from './contract.ts';
import { shutsOutLive } from './migrate.ts';

/** Settings are checked first, so that nobody is asked about what cannot start; then people say yes. */
export const approve: DeploymentStageRules = {
  name: 'approve',
  doing: 'waiting for approval',
  next(requested, context) {
    const unfit = settingsDoNotFit(requested, context);
    if (unfit !== undefined) return unfit;
    const shutsOut = shutsOutLive(requested, context);
    if (shutsOut !== undefined) return shutsOut;
    const deployment = askedToday(requested, context.facts.policy);
    const isAuto = deployment.plan.promotion === 'auto';
    const group = groupOf(deployment, context.facts.releases.get(deployment.version));
    if (group === undefined && (deployment.kind !== 'release' || isAuto)) return skipped;
    if (deployment.override !== undefined) return passed;
    const held = whileFrozen(deployment, context);
    if (held !== undefined) return held;
    if (group !== undefined) return withGroup(deployment, isAuto, context);
    return inTurn(deployment, context) ?? asked(deployment, context);
  },
  heard: () => [],
  undo: () => [],
};

function settingsDoNotFit(deployment: Deployment, { facts }: StageContext): Step | undefined {
  const file = facts.releases.get(deployment.version)?.file;
  if (file === undefined) return undefined;
  const others = facts.policy.environments.filter(({ name }) => name !== deployment.environment);
  const problems = settingsProblems({ file, environment: deployment.plan, others });
  if (problems.length === 0) return undefined;
  const sentence = `The settings of ${deployment.environment} do not fit: ${problems.join(' ')} Nothing was launched.`;
  return { is: 'failed', failure: { fault: 'bad settings', sentence } };
}

/** A freeze voids what was said before it, and nobody is asked until it is over: then the time begins anew. */
function whileFrozen(deployment: Deployment, { facts, now }: StageContext): Step | undefined {
  const freeze = freezeOf(facts, deployment.environment, now);
  const about = aboutOf(deployment);
  if (areFrozenOut(deployment, facts, now)) {
    return { is: 'decided', events: [{ type: 'ApprovalsVoided', ...about, because: 'freeze' }] };
  }
  if (freeze !== undefined) {
    const since = deployment.wait?.for === 'freeze' ? deployment.wait.since : now;
    return { is: 'wait', wait: { for: 'freeze', owner: 'operators', since, until: freeze.until } };
  }
  if (deployment.wait?.for !== 'freeze') return undefined;
  return { is: 'decided', events: [{ type: 'DeploymentAskedAgain', ...about }] };
}

/** Behind an older one: nobody is asked about this one until that one is decided and through. */
function inTurn(deployment: Deployment, { facts, now }: StageContext): Step | undefined {
  const before = deployment.behind === undefined ? undefined : facts.deployments.get(deployment.behind);
  const isWaitedFor =
    before !== undefined && before.state === 'running' && !before.wentLive && !isDeploymentOver(before);
  if (isWaitedFor) {
    const since = deployment.wait?.for === 'turn' ? deployment.wait.since : now;
    const until = Math.max(before.wait?.until ?? 0, since + deployment.plan.approveWithin);
    return { is: 'wait', wait: { for: 'turn', owner: 'approvers', since, until } };
  }
  if (deployment.wait?.for !== 'turn') return undefined;
  return { is: 'decided', events: [{ type: 'DeploymentAskedAgain', ...aboutOf(deployment) }] };
}

/** Its group asks for all of its services at once, and says whose turn it is. */
function withGroup(deployment: Deployment, isAuto: boolean, { now }: StageContext): Step {
  if (deployment.turn === true && (isAuto || missing(deployment) === undefined))
    return isAuto ? skipped : passed;
  const since = deployment.askedAgainAt ?? deployment.stages.approve.beganAt ?? now;
  const until = since + deployment.plan.approveWithin;
  return { is: 'wait', wait: { for: 'group', owner: 'approvers', since, until } };
}

function asked(deployment: Deployment, context: StageContext): Step {
  if (missing(deployment) === undefined) return passed;
  const since = deployment.askedAgainAt ?? deployment.stages.approve.beganAt ?? deployment.requestedAt;
  const until = since + deployment.plan.approveWithin;
  return {
    is: 'wait',
    wait: {
      for: 'approval',
      owner: 'approvers',
      since,
      until,
      ...reminder(deployment, since, until, context),
    },
  };
}

const firstReminder: Millis = 30 * 60_000;

/** When those who must act are reminded next: after half an hour, an hour, two, …, while they work. */
export function reminder(
  deployment: Deployment,
  since: number,
  until: number,
  { facts, now }: StageContext,
): Pick<Wait, 'remindAt'> {
  const { reminders = 0, wait, plan } = deployment;
  if (wait?.for === 'approval' && wait.since === since) {
    return wait.remindAt === undefined ? {} : { remindAt: wait.remindAt };
  }
  const pause = Math.min(firstReminder, plan.approveWithin / 4) * 2 ** reminders;
  const at = facts.calendar.workingTime(
    now + pause,
    mustAct(facts, deployment, facts.releases.get(deployment.version)),
  );
  return at < until ? { remindAt: at } : {};
}

const aboutOf = ({ service, environment, version, id }: Deployment) => ({
  service,
  environment,
  version,
  deployment: id,
});
