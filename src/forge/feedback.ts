import type { Deployment } from '../pipeline/domain/deployment.ts';
import { faults } from '../pipeline/domain/fault.ts';
import type { Release, ReleaseStage } from '../pipeline/domain/release.ts';
import type { ReleaseView } from '../pipeline/outward.ts';

/** A commit status: how one stage of a release stands. */
export interface StatusFeedback {
  sha: string;
  ref: string;
  /** Tells it from other statuses of the commit: `bakery/hello/build`. */
  context: string;
  state: 'running' | 'passed' | 'failed' | 'cancelled';
  says: string;
  link?: string;
}

/** `inactive`: it was live, and is no more. `cancelled`: it ended before it was. */
export type DeploymentStanding = 'waiting' | 'in progress' | 'success' | 'failure' | 'cancelled' | 'inactive';

/** A deployment: how one release stands in one environment. */
export interface DeploymentFeedback {
  /** Bakery's own id of it. */
  id: string;
  sha: string;
  ref: string;
  isTag: boolean;
  environment: string;
  production: boolean;
  state: DeploymentStanding;
  says: string;
  link?: string;
}

/** GitHub cuts nothing: it refuses a longer description. */
const longest = 140;
const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);
const linked = (link: string | undefined): { link?: string } => (link === undefined ? {} : { link });

export function statusOf(release: Release, stage: ReleaseStage, link?: string): StatusFeedback {
  const { service, version, commit, stages, failure } = release;
  const { state, beganAt, endedAt } = stages[stage];
  const told = states[state];
  const took =
    told !== 'passed' || beganAt === undefined || endedAt === undefined
      ? ''
      : ` in ${Math.round((endedAt - beganAt) / 1000)} s`;
  const why = told === 'failed' && failure?.stage === stage ? `: ${faults[failure.fault].says}` : '';
  const word = state === 'waiting' ? 'is about to begin' : state === 'running' ? 'runs' : state;
  return {
    sha: commit.sha,
    ref: commit.ref,
    context: `bakery/${service}/${stage}`,
    state: told,
    says: cut(`${service} v${version}: ${stage} ${word}${took}${why}`),
    ...linked(link),
  };
}

const states = {
  waiting: 'running',
  running: 'running',
  passed: 'passed',
  skipped: 'passed',
  failed: 'failed',
  cancelled: 'cancelled',
} as const satisfies Record<string, StatusFeedback['state']>;

/** Undefined for a view without a deployment. */
export function deploymentOf(view: ReleaseView, link?: string): DeploymentFeedback | undefined {
  const { deployment, release, policy } = view;
  if (deployment === undefined) return undefined;
  const { id, environment, plan, version, service, kind } = deployment;
  const state = standingOf(deployment, view.isLive);
  const what = `${service} v${version}${kind === 'rollback' ? ' (rollback)' : ''}`;
  return {
    id,
    sha: release.commit.sha,
    ref: release.commit.ref,
    isTag: release.commit.isTag === true,
    environment: policy.folder === '.' ? environment : `${environment}/${service}`,
    production: plan.production,
    state,
    says: cut(`${what}: ${describe(deployment, state)}`),
    ...linked(link),
  };
}

function standingOf(deployment: Deployment, isLive: boolean): DeploymentStanding {
  const { state, endsAs, stage, stages, wentLive } = deployment;
  const good = ['passed', 'skipped'].includes(stages.soak.state);
  if (wentLive && good) return isLive ? 'success' : 'inactive';
  const end = state === 'stopping' || state === 'undoing' ? endsAs : state;
  switch (end) {
    case 'failed':
    case 'went back':
      return 'failure';
    case 'rejected':
    case 'expired':
    case 'cancelled':
    case 'overtaken':
      return wentLive ? 'inactive' : 'cancelled';
    default:
      return stage === 'approve' ? 'waiting' : 'in progress';
  }
}

function describe({ stage, wait, state, endsAs, failure }: Deployment, standing: DeploymentStanding): string {
  switch (standing) {
    case 'waiting':
      return wait?.for === 'approval' ? 'waits for approval' : 'waits';
    case 'in progress':
      return `${stage} runs`;
    case 'success':
      return 'is live';
    case 'inactive':
      return 'is live no more';
    case 'failure':
      return failure === undefined ? 'failed' : `${failure.stage} failed: ${faults[failure.fault].says}`;
    case 'cancelled':
      return endsAs ?? state;
  }
}

/** What a merge request is told when its commit is live. The mark finds it again when the answer was lost. */
export function liveComment(view: ReleaseView, link?: string): { body: string; mark: string } | undefined {
  const { deployment } = view;
  if (deployment === undefined) return undefined;
  const { id, service, version, environment } = deployment;
  const mark = `<!-- bakery: ${id} is live -->`;
  const card = link === undefined ? '' : ` [Its card](${link}) shows the rest.`;
  return { mark, body: `Live in **${environment}** with ${service} v${version}.${card}\n\n${mark}` };
}
