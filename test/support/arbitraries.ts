import fc from 'fast-check';
import type { Actor } from '../../src/pipeline/domain/actor.ts';
import { type Deployment, deploymentStages } from '../../src/pipeline/domain/deployment.ts';
import type { Event } from '../../src/pipeline/domain/event.ts';
import { type Fault, faults } from '../../src/pipeline/domain/fault.ts';
import { type Release, releaseStages } from '../../src/pipeline/domain/release.ts';
import type { Slot } from '../../src/pipeline/domain/slot.ts';
import type { StageRecord } from '../../src/pipeline/domain/stage-record.ts';
import type { DeploymentView, NoteView, ReleaseView } from '../../src/pipeline/views.ts';
import { deployment, environment, noon, policy, release, serving } from './sample.ts';

const name = fc.oneof(
  fc.constantFrom('hello', 'production', 'a'),
  fc.string({ minLength: 1, maxLength: 64, unit: fc.constantFrom('a', 'b', '-', '0') }),
);
/** Words from outside: anything, long, and full of what Slack treats specially. */
export const words = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.string({
    unit: fc.constantFrom('&', '<', '>', '`', '```', '\n', '*', '<!channel>', 'é', '😀', 'x'),
    maxLength: 4000,
  }),
);
const at = fc.integer({ min: noon - 10 ** 9, max: noon + 10 ** 9 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const digest = fc
  .string({ minLength: 64, maxLength: 64, unit: fc.constantFrom('a', '0') })
  .map((hex) => `sha256:${hex}`);
const version = fc.integer({ min: 1, max: 10 ** 9 });
export const actor: fc.Arbitrary<Actor> = fc.oneof(
  fc
    .string({ minLength: 8, maxLength: 11, unit: fc.constantFrom('U', 'A', '1') })
    .map((user): Actor => ({ kind: 'person', team: 'T1', user })),
  words.map((source): Actor => ({ kind: 'webhook', source, delivery: 'd' })),
  words.map((account): Actor => ({ kind: 'operator', account })),
  fc.constantFrom<Actor>({ kind: 'poll' }, { kind: 'clock' }),
);

const record: fc.Arbitrary<StageRecord> = fc
  .record({
    state: fc.constantFrom<StageRecord['state']>(
      'waiting',
      'running',
      'passed',
      'skipped',
      'failed',
      'cancelled',
    ),
    beganAt: maybe(at),
    endedAt: maybe(at),
  })
  .map(defined);

const recordsOf = <Stage extends string>(stages: readonly Stage[]) =>
  fc
    .tuple(...stages.map(() => record))
    // One record per stage, in order.
    .map(
      (all) =>
        Object.fromEntries(stages.map((stage, index) => [stage, all[index]])) as Record<Stage, StageRecord>,
    );

const failure = <Stage extends string>(stages: readonly Stage[]) =>
  fc
    .record({
      stage: fc.constantFrom(...stages),
      fault: fc.constantFrom(...(Object.keys(faults) as Fault[])),
      sentence: fc.constant('sentence'),
      lines: maybe(fc.constant('lines')),
      at,
    })
    .map(defined);

const suite = fc.record({
  name: words,
  passed: fc.nat(),
  failed: fc.nat(),
  failures: fc.array(words, { maxLength: 5 }),
  of: version,
});

const sample = fc.record({
  sent: fc.nat(),
  failed: fc.nat(),
  times: fc.dictionary(fc.nat(250).map(String), fc.nat(), { maxKeys: 20 }),
});

const image = fc.record({
  provider: name,
  id: name,
  digest,
  manifest: digest,
  size: fc.nat(),
  reused: fc.boolean(),
});

export const releases: fc.Arbitrary<Release> = fc
  .record({
    service: name,
    version,
    requestedBy: actor,
    state: fc.constantFrom<Release['state']>(
      'running',
      'stopping',
      'undoing',
      'production ready',
      'failed',
      'cancelled',
      'superseded',
    ),
    endsAs: maybe(
      fc.constantFrom<'failed' | 'cancelled' | 'superseded'>('failed', 'cancelled', 'superseded'),
    ),
    stage: fc.constantFrom(...releaseStages),
    stages: recordsOf(releaseStages),
    suites: fc.array(suite, { maxLength: 30 }),
    image: maybe(image),
    failure: maybe(failure(releaseStages)),
    supersededBy: maybe(version),
  })
  .map((given) => ({ ...release(), ...defined(given) }));

export const deployments: fc.Arbitrary<Deployment> = fc
  .record({
    id: name,
    service: name,
    environment: name,
    version,
    kind: fc.constantFrom<Deployment['kind']>('release', 'rollback', 'repair'),
    requestedBy: actor,
    reason: maybe(fc.constant('reason')),
    image,
    state: fc.constantFrom<Deployment['state']>(
      'running',
      'stopping',
      'undoing',
      'finished',
      'failed',
      'went back',
      'cancelled',
      'rejected',
      'expired',
      'overtaken',
    ),
    stage: fc.constantFrom(...deploymentStages),
    stages: recordsOf(deploymentStages),
    approvals: fc.array(fc.record({ by: actor, at, image: digest, settings: digest }), { maxLength: 40 }),
    rejectedBy: maybe(actor),
    cancelledBy: maybe(actor),
    old: maybe(version.map((one) => serving(one))),
    migrate: maybe(
      fc.record({
        argv: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
        timeout: fc.nat(),
        rollbackTo: version,
      }),
    ),
    warm: fc.boolean(),
    wentLive: fc.boolean(),
    share: fc.integer({ min: 0, max: 100 }),
    retiringSince: maybe(at),
    wait: maybe(
      fc.record({
        for: fc.constantFrom<'approval' | 'slot' | 'next step' | 'soak' | 'retire'>(
          'approval',
          'slot',
          'next step',
          'soak',
          'retire',
        ),
        owner: fc.constantFrom<'approvers' | 'bakery' | 'developers'>('approvers', 'bakery', 'developers'),
        since: at,
        until: at,
      }),
    ),
    failure: maybe(failure(deploymentStages)),
    retireFailed: maybe(
      fc.record({ failure: failure(deploymentStages), hook: maybe(name) }).map(({ failure, hook }) => ({
        failure,
        ...(hook === undefined ? {} : { hook }),
      })),
    ),
    endedAt: maybe(at),
    traffic: maybe(fc.record({ requests: fc.nat(), failed: fc.nat() })),
    probes: maybe(fc.record({ before: sample, during: sample, after: sample })),
  })
  .map((given): Deployment => ({ ...deployment(), ...defined(given), plan: environment(given.environment) }));

const slots = fc.record({ live: maybe(deployments), beside: maybe(version) }).map(
  ({ live, beside }): Partial<Slot> => ({
    ...(live === undefined ? {} : { live: serving(live.version, live.id) }),
    ...(beside === undefined ? {} : { beside: serving(beside) }),
  }),
);

const textsOf = fc.record({
  subject: words,
  author: words,
  email: words,
  sentence: words,
  lines: words,
  reason: words,
});

export const releaseViews: fc.Arbitrary<ReleaseView> = fc
  .record({
    release: releases,
    deployments: fc.array(deployments, { maxLength: 12 }),
    slot: slots,
    people: fc.array(name, { maxLength: 200 }),
    note: maybe(words),
    expected: fc.dictionary(fc.constantFrom(...releaseStages, ...deploymentStages), fc.nat(), {
      maxKeys: 10,
    }),
    texts: textsOf,
    traces: fc.array(fc.record({ name: fc.string({ maxLength: 80 }), link: fc.webUrl() }), { maxLength: 8 }),
    now: at,
  })
  .map(({ slot, people, note, ...rest }) => ({
    ...rest,
    policy: { ...policy, people: { bake: people, approve: people, rollback: people, retire: people } },
    slots: Object.fromEntries(
      rest.deployments.map((one, index) => [
        one.environment,
        {
          service: one.service,
          environment: one.environment,
          deployments: 1,
          epoch: 1,
          open: [],
          ...slot,
          ...(index % 2 === 0 ? { live: serving(one.version, one.id) } : {}),
        },
      ]),
    ),
    tasks:
      note === undefined
        ? []
        : [{ stage: rest.release.stage, kind: 'build', tries: 1, note, deadline: noon }],
  }));

export const deploymentViews: fc.Arbitrary<DeploymentView> = fc
  .tuple(releaseViews, deployments)
  .map(([{ deployments: _, ...view }, one]) => ({ ...view, deployment: one }));

/** Events that carry outside words or can grow. */
export const noteViews: fc.Arbitrary<NoteView> = fc
  .tuple(releaseViews, deployments, fc.nat(20))
  .map(([view, one, which]): NoteView => {
    const of = { service: view.release.service, version: view.release.version };
    const inSlot = { ...of, environment: one.environment, deployment: one.id };
    const failed = {
      stage: 'build',
      fault: 'command failed' as const,
      sentence: 'sentence',
      lines: 'lines',
      at: noon,
    };
    const events: Event[] = [
      { type: 'ReleaseStageFailed', ...of, failure: failed },
      { type: 'SuitesRun', ...of, suites: view.release.suites },
      { type: 'ImageBaked', ...of, image: one.image },
      { type: 'ReleasePromoted', ...of },
      { type: 'OutputRead', ...inSlot, lines: 'lines' },
      { type: 'OutputNotRead', ...inSlot, failure: failed },
      { type: 'DeploymentStageFailed', ...inSlot, failure: failed, as: 'failed' },
      { type: 'DeploymentRejected', ...inSlot, by: one.requestedBy, reason: 'reason' },
      {
        type: 'DeploymentWaits',
        ...inSlot,
        wait: { for: 'approval', owner: 'approvers', since: noon, until: noon },
      },
      { type: 'TrafficMeasured', ...inSlot, requests: 10 ** 9, failed: 1 },
      { type: 'ProbesAnswered', ...inSlot, phase: 'after', sample: { sent: 9, failed: 1, times: { 70: 8 } } },
      {
        type: 'ReleaseQuarantined',
        ...inSlot,
        environments: Array.from({ length: 60 }, () => one.environment),
        by: one.requestedBy,
        reason: 'reason',
      },
      { type: 'RetireRefused', ...inSlot, failed: { failure: failed, hook: 'ticket' } },
      { type: 'ApprovalsVoided', ...inSlot, because: 'other tests' },
      { type: 'MoreApprovalsAsked', ...inSlot },
      { type: 'DeploymentReminded', ...inSlot },
    ];
    return {
      event: events[which % events.length] as Event,
      at: noon,
      policy: view.policy,
      texts: view.texts,
      release: view.release,
      deployment: one,
    };
  });

/** Leaves out what is undefined, as `exactOptionalPropertyTypes` asks. */
function defined<T extends object>(given: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
