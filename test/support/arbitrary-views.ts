import fc from 'fast-check';
import { deploymentStages } from '../../src/pipeline/domain/deployment.ts';
import type { Event } from '../../src/pipeline/domain/event.ts';
import { releaseStages } from '../../src/pipeline/domain/release.ts';
import type { Slot } from '../../src/pipeline/domain/slot.ts';
import type { DeploymentView, NoteView, ReleaseView } from '../../src/pipeline/views.ts';
import { at, maybe, name, version, words } from './arbitraries.ts';
import { deployments, releases } from './arbitrary-releases.ts';
import { noon, policy, serving } from './sample.ts';

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
