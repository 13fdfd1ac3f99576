import { type Deployment, type DeploymentStage, stagesOf } from './deployment.ts';
import type { Event, Happened } from './event.ts';
import { together } from './measurement.ts';
import type { StageRecord } from './stage-record.ts';
import type { At } from './time.ts';

function requested(event: Event & { type: 'DeploymentRequested' }, at: At): Deployment {
  return {
    ...event.order,
    id: event.deployment,
    service: event.service,
    environment: event.environment,
    version: event.version,
    requestedAt: at,
    state: 'running',
    stage: 'approve',
    stages: {
      approve: { state: 'waiting' },
      launch: { state: 'waiting' },
      'cut-over': { state: 'waiting' },
      soak: { state: 'waiting' },
      retire: { state: 'waiting' },
    },
    generation: event.generation ?? 1,
    approvals: [],
    instances: [],
    warm: false,
    admitted: false,
    wentLive: false,
    drained: false,
    retireRefusals: 0,
    share: 0,
    done: [],
  };
}

/** Folds one event of its slot into a deployment. */
export function evolveDeployment(
  deployment: Deployment | undefined,
  { event, at }: Happened,
): Deployment | undefined {
  if (event.type === 'DeploymentRequested') return requested(event, at);
  if (deployment === undefined) return undefined;
  switch (event.type) {
    case 'DeploymentStageBegan':
      return { ...stamp(deployment, event.stage, { state: 'running', beganAt: at }), stage: event.stage };
    case 'DeploymentStagePassed':
      return withoutWait(
        stamp(deployment, event.stage, {
          ...deployment.stages[event.stage],
          state: event.skipped ? 'skipped' : 'passed',
          endedAt: at,
        }),
      );
    case 'DeploymentWaits':
      return { ...deployment, wait: event.wait };
    case 'DeploymentApproved':
      return { ...deployment, approvals: [...deployment.approvals, event.approval] };
    case 'ApprovalsVoided':
      return { ...askedAnew(deployment, at), approvals: [] };
    case 'MoreApprovalsAsked':
      return askedAnew(deployment, at);
    case 'DeploymentAskedAgain':
      return { ...withoutWait(deployment), askedAgainAt: at, reminders: 0 };
    case 'DeploymentReminded':
      return reminded(deployment, event.next);
    case 'DeploymentOverridden':
      return { ...withoutWait(deployment), override: event.override };
    case 'DeploymentGaveWay':
      return gaveWay(deployment, event);
    case 'DeploymentGoesTogether':
      return { ...deployment, together: true };
    case 'DeploymentTurnCame':
      return { ...withoutWait(deployment), turn: true };
    case 'LeaseTaken':
      return {
        ...withoutWait(deployment),
        epoch: event.epoch,
        ...(event.old === undefined ? {} : { old: event.old }),
      };
    case 'MigrationBegan':
      return { ...deployment, migrating: true };
    case 'MigrationDone':
      return { ...deployment, migrated: true };
    case 'OldStopped':
      return { ...deployment, stoppedOld: true };
    case 'InstancesLaunched':
      return { ...deployment, instances: [...deployment.instances, ...event.instances], warm: event.warm };
    case 'TurnedCold':
      return {
        ...deployment,
        stage: 'launch',
        stages: { ...deployment.stages, launch: { state: 'waiting' }, 'cut-over': { state: 'waiting' } },
        generation: event.generation,
        instances: [],
        warm: false,
        cold: true,
        admitted: false,
      };
    case 'InstancesAdmitted':
      return { ...deployment, admitted: true };
    case 'TrafficShifted':
      return { ...deployment, share: event.share };
    case 'WentLive':
      return { ...deployment, wentLive: true, share: 100 };
    case 'TrafficMeasured':
      return { ...deployment, traffic: { requests: event.requests, failed: event.failed } };
    case 'ProbesAnswered': {
      const { phase, sample } = event;
      const { probes } = deployment;
      return { ...deployment, probes: { ...probes, [phase]: together(probes?.[phase], sample) } };
    }
    default:
      return evolveRetire(deployment, { event, at });
  }
}

/** What people had agreed to does not count any more, or is not enough: they are asked anew, before anything was launched. */
function askedAnew(asked: Deployment, at: At): Deployment {
  const { turn: _turn, ...deployment } = withoutWait(asked);
  return {
    ...deployment,
    stage: 'approve',
    stages: {
      ...deployment.stages,
      approve: { state: 'running', beganAt: at },
      ...(deployment.migrate === undefined ? {} : { migrate: { state: 'waiting' as const } }),
      launch: { state: 'waiting' },
    },
    askedAgainAt: at,
    reminders: 0,
  };
}

function reminded(deployment: Deployment, next: At | undefined): Deployment {
  const reminders = (deployment.reminders ?? 0) + 1;
  if (deployment.wait === undefined) return { ...deployment, reminders };
  const { remindAt: _past, ...wait } = deployment.wait;
  return { ...deployment, reminders, wait: { ...wait, ...(next === undefined ? {} : { remindAt: next }) } };
}

function gaveWay(deployment: Deployment, event: Event & { type: 'DeploymentGaveWay' }): Deployment {
  const { behind: _behind, ...kept } = withoutWait(deployment);
  return { ...kept, gaveWay: event.choice, ...(event.choice === 'queue' ? { behind: event.to } : {}) };
}

function evolveRetire(deployment: Deployment, { event, at }: Happened): Deployment {
  switch (event.type) {
    case 'RetireRequested': {
      const { retireFailed: _failed, ...asked } = withoutWait(deployment);
      return {
        ...asked,
        retireRequestedBy: event.by,
        ...(event.at === undefined ? {} : { retireRequestedAt: event.at }),
      };
    }
    case 'OldDrained':
      return { ...deployment, drained: true };
    case 'RetireCommitted':
      return { ...deployment, retiringSince: at, retiring: event.old };
    case 'RetireRefused':
      return refused(deployment, event, at);
    case 'DeploymentFinished':
      return { ...withoutWait(deployment), state: 'finished', endedAt: at };
    default:
      return evolveEnding(deployment, { event, at });
  }
}

/** The new one was not healthy, or something failed: the old one stays, and waits anew for somebody or the clock. */
function refused(deployment: Deployment, { failed }: Event & { type: 'RetireRefused' }, at: At): Deployment {
  const { retireRequestedBy: _by, retireFailed: _failed, ...kept } = deployment;
  return {
    ...stamp(kept, 'retire', { state: 'running', beganAt: at }),
    drained: false,
    retireRefusals: deployment.retireRefusals + 1,
    ...(failed === undefined ? {} : { retireFailed: failed }),
  };
}

function evolveEnding(deployment: Deployment, { event, at }: Happened): Deployment {
  switch (event.type) {
    case 'DeploymentStageFailed':
      return {
        ...withoutWait(
          stamp(deployment, deployment.stage, {
            ...deployment.stages[deployment.stage],
            state: 'failed',
            endedAt: at,
          }),
        ),
        state: 'stopping',
        endsAs: event.as,
        failure: event.failure,
      };
    case 'DeploymentRejected':
      return { ...stopped(deployment, at), endsAs: 'rejected', rejectedBy: event.by, reason: event.reason };
    case 'DeploymentCancelRequested':
      return {
        ...stopped(deployment, at),
        endsAs: 'cancelled',
        cancelledBy: event.by,
        ...(event.reason === undefined ? {} : { reason: event.reason }),
      };
    case 'DeploymentExpired':
      return { ...stopped(deployment, at), endsAs: 'expired' };
    case 'DeploymentOvertaken':
      return {
        ...stopped(deployment, at),
        endsAs: event.as,
        overtakenBy: event.by,
        ...(event.byVersion === undefined ? {} : { overtakenByVersion: event.byVersion }),
      };
    case 'DeploymentUndoBegan':
      return { ...deployment, state: 'undoing' };
    case 'DeploymentStepDone':
      return {
        ...deployment,
        done: [...deployment.done, event.effect],
        ...(event.returnedTo === undefined ? {} : { share: 0 }),
        ...(event.relieved === undefined ? {} : { relieved: event.relieved }),
      };
    case 'DeploymentEnded':
      return { ...withoutWait(deployment), state: event.as, endedAt: at };
    case 'DeploymentRetried':
      return retried(deployment, event);
    default:
      return deployment;
  }
}

function retried(deployment: Deployment, event: Event & { type: 'DeploymentRetried' }): Deployment {
  const { failure: _f, endsAs: _a, endedAt: _e, ...before } = deployment;
  const retriedBy = [...(before.retriedBy ?? []), event.by];
  const rest = event.by.kind === 'person' ? { ...before, retriedBy } : before;
  const stages = { ...deployment.stages };
  const all = stagesOf(deployment);
  for (const stage of all.slice(all.indexOf(event.stage))) stages[stage] = { state: 'waiting' };
  const again = { state: 'running' as const, stage: event.stage, stages, generation: event.generation };
  // What is live stays live: only retiring is tried again.
  if (event.stage === 'retire') {
    const { retireRequestedBy: by, overtakenBy: _over, ...live } = rest;
    // Somebody rolled back meanwhile: what was asked before that does not count any more.
    const asked = by === undefined || deployment.state === 'overtaken' ? {} : { retireRequestedBy: by };
    return { ...live, ...asked, ...again, drained: false };
  }
  // What served on when a repair began need not any more: it starts all of them.
  const {
    old: _o,
    epoch: _ep,
    traffic: _t,
    probes: _p,
    keeps: _k,
    stoppedOld: _s,
    relieved: _r,
    ...more
  } = rest;
  // An override was for that once: it is not in force for what is asked for now.
  const { migrating: _migrating, migrated: _migrated, override: _override, ...kept } = more;
  return {
    ...kept,
    ...again,
    plan: event.plan,
    approvals: event.keepApprovals ? deployment.approvals : [],
    instances: [],
    warm: false,
    admitted: false,
    wentLive: false,
    drained: false,
    share: 0,
    done: [],
  };
}

const stamp = (deployment: Deployment, stage: DeploymentStage, record: StageRecord): Deployment => ({
  ...deployment,
  stages: { ...deployment.stages, [stage]: record },
});

/** No new work: begun attempts are still to report. */
const stopped = (deployment: Deployment, at: At): Deployment => ({
  ...withoutWait(
    stamp(deployment, deployment.stage, {
      ...deployment.stages[deployment.stage],
      state: 'cancelled',
      endedAt: at,
    }),
  ),
  state: 'stopping',
});

function withoutWait(deployment: Deployment): Deployment {
  const { wait: _wait, ...kept } = deployment;
  return kept;
}
