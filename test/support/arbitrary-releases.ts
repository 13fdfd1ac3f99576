import fc from 'fast-check';
import { type Deployment, deploymentStages } from '../../src/pipeline/domain/deployment.ts';
import { type Fault, faults } from '../../src/pipeline/domain/fault.ts';
import { type Release, releaseStages } from '../../src/pipeline/domain/release.ts';
import type { StageRecord } from '../../src/pipeline/domain/stage-record.ts';
import { actor, at, defined, digest, maybe, name, version, words } from './arbitraries.ts';
import { deployment, environment, release, serving } from './sample.ts';

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
