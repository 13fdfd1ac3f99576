import fc from 'fast-check';
import type { Deployment } from '../../src/pipeline/domain/deployment.ts';
import type { GroupEnding, GroupRelease, GroupRun, GroupRunState } from '../../src/pipeline/domain/group.ts';
import type { GroupEvent } from '../../src/pipeline/domain/group-event.ts';
import type { DecisionFacts, GroupMemberView, GroupView } from '../../src/pipeline/views.ts';
import { actor, words } from './arbitraries.ts';
import { deployments, releases } from './arbitrary-releases.ts';
import { noon, policy, serving, slot } from './sample.ts';

const serviceName = fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom('a', 'b', '-', '0') });
const places = ['staging', 'production'];

const seat = fc.record({
  turnAt: fc.option(fc.constant(noon), { nil: undefined }),
  doneAt: fc.option(fc.constant(noon), { nil: undefined }),
});

const runOf = (services: string[]): fc.Arbitrary<GroupRun> =>
  fc
    .record({
      state: fc.constantFrom<GroupRunState>(
        ...(['gathering', 'asking', 'rolling out', 'finished', 'going back', 'went back', 'ended'] as const),
      ),
      seats: fc.dictionary(fc.constantFrom(...services), seat),
      before: fc.dictionary(fc.constantFrom(...services), fc.nat(9)),
      outcome: fc.constantFrom('back' as const, 'stays' as const, undefined),
      isBack: fc.boolean(),
      stopped: fc.option(fc.constantFrom('failed', 'went back', 'not live any more'), { nil: undefined }),
      by: actor,
    })
    .map(({ state, seats, before, outcome, isBack, stopped, by }) => {
      const steps = services.toReversed().map((member, index) => ({
        member,
        ...(index % 2 === 0 ? { to: index } : {}),
        ...(outcome === undefined ? {} : { outcome, because: 'because' }),
      }));
      // Optional parts that are undefined are left out, as rows are.
      return JSON.parse(
        JSON.stringify({
          ...{ state, since: noon, seats, before },
          ...(isBack ? { back: { by, reason: 'reason', steps } } : {}),
          ...(stopped === undefined ? {} : { stoppedBy: { member: services[0], as: stopped } }),
        }),
      ) as GroupRun;
    });

const decisions = fc
  .record({ subject: words, author: words, total: fc.nat(200), setting: words, version: fc.nat(9) })
  .map(({ subject, author, total, setting, version }): DecisionFacts => {
    const commits = { total, lines: Array(5).fill({ sha: 'a'.repeat(40), subject, author }) };
    return {
      live: { version, since: noon },
      changes: { from: version, to: 2, commits, takenBack: commits },
      settings: { added: [setting], removed: [], changed: Array(9).fill(setting) },
      warnings: [{ is: 'no tests' }, { is: 'rolled back before', version, environment: setting }],
    };
  });

const memberOf = (service: string): fc.Arbitrary<GroupMemberView> =>
  fc
    .record({
      release: fc.option(releases, { nil: undefined }),
      deployment: fc.option(deployments, { nil: undefined }),
      waits: fc.boolean(),
      live: fc.nat(3),
      isKnown: fc.boolean(),
      decision: fc.option(decisions, { nil: undefined }),
    })
    .map(({ release, deployment, waits, live, isKnown, decision }): GroupMemberView => {
      const asked: Partial<Deployment> = {
        ...{ state: 'running', stage: 'approve', service, version: 2 },
        wait: { for: 'group', owner: 'approvers', since: noon, until: noon + 1 },
      };
      return {
        ...{ service, version: 2 },
        ...(isKnown ? { policy: { ...policy, service } } : {}),
        ...(release === undefined ? {} : { release }),
        deployments:
          deployment === undefined ? {} : { production: waits ? { ...deployment, ...asked } : deployment },
        slots: live === 0 ? {} : { production: slot('production', { live: serving(live) }) },
        frozen: {},
        ...(decision === undefined ? {} : { decision }),
      };
    });

/** Groups in every state, of services with names and words from outside. */
export const groupViews: fc.Arbitrary<GroupView> = fc
  .uniqueArray(serviceName, { minLength: 2, maxLength: 20 })
  .chain((services) =>
    fc
      .record({
        name: serviceName,
        members: fc.tuple(...services.map(memberOf)),
        run: fc.option(runOf(services), { nil: undefined }),
        state: fc.constantFrom<'open' | GroupEnding>(
          ...(['open', 'finished', 'ended', 'went back', 'superseded', 'cancelled'] as const),
        ),
        subject: words,
        because: words,
        requestedBy: actor,
      })
      .map(({ name, members, run, state, subject, because, requestedBy }): GroupView => {
        const commit = {
          sha: 'a'.repeat(40),
          ref: 'main',
          subject: 'subject',
          author: 'because',
          email: 'e',
        };
        const release: GroupRelease = {
          ...{ group: name, number: 3, commit, requestedBy, requestedAt: noon, environments: places, state },
          members: services.map((service) => ({ service, version: 2 })),
          runs: run === undefined ? {} : { production: run },
          ...(state === 'superseded' ? { supersededBy: 4 } : {}),
        };
        return {
          policy: {
            ...{ group: name, services, environments: places, soak: 0, channel: 'C1' },
            ...{ repository: '/srv/git/shop.git', branch: 'main' },
          },
          ...{ release, members: [...members], now: noon },
          texts: { subject, because, reason: because, sentence: because },
        };
      }),
  );

/** Everything that can happen to one of them. */
export const groupEventsOf = ({ release, policy: { services } }: GroupView): GroupEvent[] => {
  const [member = ''] = services;
  const of = { service: release.group, number: release.number };
  const at = { ...of, where: 'production', member };
  const { requestedBy: by, commit, members, environments } = release;
  return [
    { type: 'GroupReleaseRequested', ...of, by, commit, members, environments },
    { type: 'GroupMemberReady', ...at },
    { type: 'GroupAsked', ...at },
    { type: 'GroupReminded', ...at },
    { type: 'GroupBegan', ...at, before: {} },
    { type: 'GroupTurnGiven', ...at },
    { type: 'GroupMemberDone', ...at },
    { type: 'GroupFinished', ...at, live: {} },
    { type: 'GroupEnded', ...at, as: 'expired' },
    { type: 'GroupGoingBack', ...at, by, reason: 'reason', steps: [] },
    { type: 'GroupGoingBack', ...at, by, steps: [], stoppedBy: { member, as: 'failed' } },
    { type: 'GroupMemberGoingBack', ...at, back: 'x' },
    { type: 'GroupMemberBack', ...at },
    { type: 'GroupMemberStays', ...at, because: 'because' },
    { type: 'GroupWentBack', ...at },
    { type: 'GroupWantedAgain', ...at, by },
    { type: 'GroupOver', ...of, as: 'cancelled', by },
  ];
};
