import type { Actor } from '../../src/pipeline/domain/actor.ts';
import {
  type Deployment,
  type DeploymentStage,
  type Serving,
  stagesOf,
  type Wait,
} from '../../src/pipeline/domain/deployment.ts';
import type { EnvironmentPolicy, ServicePolicy } from '../../src/pipeline/domain/policy.ts';
import { type Release, type ReleaseStage, releaseStages } from '../../src/pipeline/domain/release.ts';
import type { Slot } from '../../src/pipeline/domain/slot.ts';
import type { StageRecord } from '../../src/pipeline/domain/stage-record.ts';
import type { DeploymentView, ReleaseView, ServiceView } from '../../src/pipeline/views.ts';

/** 2026-11-24 12:00 UTC. */
export const noon = 1_795_521_600_000;
export const ann: Actor = { kind: 'person', team: 'T1', user: 'UANN' };
export const bob: Actor = { kind: 'person', team: 'T1', user: 'UBOB' };
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

export const texts: Record<string, string> = {
  subject: 'Greet in Italian <b>& more</b>',
  author: 'Ann Baker',
  email: 'ann@example.org',
  why: 'the command “npm test” ended with 1',
  lines: 'expected 200\nbut got 500',
  reason: 'the migration has to go first',
};

const image = {
  provider: 'local',
  id: 'img',
  digest: digest('a'),
  manifest: digest('b'),
  size: 4_200_000,
  reused: false,
};

/** A verify that failed; its words stand in `texts`. */
export const failure = {
  stage: 'verify',
  fault: 'tests failed' as const,
  sentence: 'why',
  lines: 'lines',
  at: noon,
};

export function environment(name: string, over: Partial<EnvironmentPolicy> = {}): EnvironmentPolicy {
  return {
    name,
    provider: 'local',
    balancer: 'embedded',
    port: 8080,
    count: 1,
    promotion: name === 'production' ? 'approval' : 'auto',
    approvals: 1,
    selfApproval: false,
    approveWithin: 3_600_000,
    steps: [10, 50, 100],
    pause: 1000,
    soak: 60_000,
    retireAfter: 600_000,
    drain: 30_000,
    settings: { digest: digest('c'), values: {} },
    hosts: [],
    production: name === 'production',
    ...over,
  };
}

export const policy: ServicePolicy = {
  service: 'hello',
  repository: 'file:///srv/hello',
  folder: '.',
  branch: 'main',
  channel: 'C1',
  provider: 'local',
  people: { bake: ['*'], approve: ['T1/UBOB', 'T1/UCYD'], rollback: ['T1/UANN'], retire: ['T1/UANN'] },
  verify: { digest: digest('d'), values: {} },
  environments: [environment('dev'), environment('staging'), environment('production')],
};

/** Records of stages: all before `at` passed, `at` in the given state, the rest waiting. */
function records<Stage extends string>(
  stages: readonly Stage[],
  at: Stage | 'done',
  state: StageRecord['state'] = 'running',
): Record<Stage, StageRecord> {
  const index = at === 'done' ? stages.length : stages.indexOf(at);
  // Every stage gets its entry.
  return Object.fromEntries(
    stages.map((stage, place): [Stage, StageRecord] => {
      const beganAt = noon - 60_000 + place * 10_000;
      if (place < index) return [stage, { state: 'passed', beganAt, endedAt: beganAt + 10_000 }];
      return [stage, place === index ? { state, beganAt } : { state: 'waiting' }];
    }),
  ) as Record<Stage, StageRecord>;
}

export function release(at: ReleaseStage | 'done' = 'done', over: Partial<Release> = {}): Release {
  return {
    service: 'hello',
    version: 2,
    commit: { sha: 'abc1234def5678', ref: 'main', subject: 'subject', author: 'author', email: 'email' },
    requestedBy: ann,
    requestedAt: noon - 60_000,
    state: at === 'done' ? 'production ready' : 'running',
    stage: at === 'done' ? 'promote' : at,
    stages: records(releaseStages, at, over.state === 'failed' ? 'failed' : 'running'),
    generation: 1,
    image,
    suites: [],
    done: [],
    standings: {},
    quarantined: {},
    logs: {},
    ...over,
  };
}

export const serving = (version: number, deployment = `hello.production.${version}`): Serving => ({
  version,
  deployment,
  instances: [],
  settings: digest('c'),
  since: noon - 3_600_000,
});

export function deployment(
  at: DeploymentStage | 'done' = 'done',
  over: Partial<Deployment> = {},
): Deployment {
  const name = over.environment ?? 'production';
  return {
    id: `hello.${name}.2`,
    service: 'hello',
    environment: name,
    version: 2,
    kind: 'release',
    requestedBy: ann,
    requestedAt: noon - 60_000,
    image,
    start: ['node', 'server.js'],
    health: { path: '/health', within: 10_000 },
    grace: 1000,
    plan: environment(name),
    ownCard: false,
    state: at === 'done' ? 'finished' : 'running',
    stage: at === 'done' ? 'retire' : at,
    stages: records(stagesOf(over), at, over.state === 'failed' ? 'failed' : 'running'),
    generation: 1,
    approvals: [],
    instances: [],
    warm: false,
    admitted: false,
    wentLive: at === 'done',
    share: at === 'done' ? 100 : 0,
    retireRefusals: 0,
    drained: false,
    done: [],
    ...over,
  };
}

export const wait = (what: Wait['for'], over: Partial<Wait> = {}): Wait => ({
  for: what,
  owner: what === 'approval' ? 'approvers' : 'bakery',
  since: noon - 5000,
  until: noon + 600_000,
  ...over,
});

export const slot = (name: string, over: Partial<Slot> = {}): Slot => ({
  service: 'hello',
  environment: name,
  deployments: 2,
  epoch: 2,
  open: [],
  ...over,
});

export function releaseView(over: Partial<ReleaseView> = {}): ReleaseView {
  return {
    release: release(),
    deployments: [],
    policy,
    slots: {},
    tasks: [],
    expected: {},
    texts,
    now: noon,
    ...over,
  };
}

export function deploymentView(over: Partial<DeploymentView> = {}): DeploymentView {
  const { deployments: _, ...rest } = releaseView();
  return { ...rest, deployment: deployment(), ...over };
}

export function serviceView(over: Partial<ServiceView> = {}): ServiceView {
  return {
    policy,
    service: { service: 'hello', nextVersion: 3, open: [], newest: {} },
    slots: {},
    open: { releases: [], deployments: [] },
    texts,
    now: noon,
    ...over,
  };
}

/** An event that the card tells of already, and that deserves no note. */
export const stageBegan = {
  type: 'ReleaseStageBegan',
  service: 'hello',
  version: 2,
  stage: 'build',
  generation: 1,
} as const;
