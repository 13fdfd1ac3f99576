import { describe, expect, it } from 'vitest';
import { consentNote, reminded } from '../../../src/bot/views/consent-note.ts';
import { deploymentCard } from '../../../src/bot/views/deployment-card.ts';
import { holdNotice } from '../../../src/bot/views/hold-notice.ts';
import { home } from '../../../src/bot/views/home.ts';
import { releaseCard } from '../../../src/bot/views/release-card.ts';
import { why } from '../../../src/bot/views/why.ts';
import type { Actor } from '../../../src/pipeline/domain/actor.ts';
import type { ServicePolicy } from '../../../src/pipeline/domain/policy.ts';
import {
  ann,
  bob,
  deployment,
  deploymentView,
  environment,
  noon,
  policy,
  release,
  releaseView,
  serviceView,
  texts,
  wait,
} from '../../support/sample.ts';
import { readable } from '../../support/slack-limits.ts';

const own: ServicePolicy = {
  ...policy,
  people: { ...policy.people, approve: ['T1/UDEV'] },
  peopleIn: { production: { approve: ['T1/UBOB', 'T1/UCYD'], retire: ['T1/UOPS'] } },
};
const waits = deployment('approve', {
  wait: wait('approval'),
  plan: environment('production', { approvals: 2 }),
});

describe('where an environment has people of its own', () => {
  it('a card names and mentions them, and nobody else', () => {
    const view = releaseView({ policy: own, deployments: [waits] });
    for (const card of [
      releaseCard(view, 'sections'),
      deploymentCard(deploymentView({ policy: own, deployment: waits }), 'plan'),
    ]) {
      expect(readable(card)).toContain('Who may: <@UBOB> or <@UCYD>');
      expect(card.mentions).toEqual(['UBOB', 'UCYD']);
    }
  });

  it('whoever said yes already, or asked for it, is not mentioned', () => {
    const yes = { by: bob, at: noon, image: '', settings: '' };
    const one = { ...waits, approvals: [yes], requestedBy: ann } as typeof waits;
    const view = deploymentView({ policy: own, deployment: one });
    expect(deploymentCard(view, 'plan').mentions).toEqual(['UCYD']);
    const asked = { ...waits, requestedBy: bob };
    expect(deploymentCard(deploymentView({ policy: own, deployment: asked }), 'plan').mentions).toEqual([
      'UCYD',
    ]);
  });

  it('whoever asked for it or had it tried again is neither asked nor reminded', () => {
    const cyd = { kind: 'person', team: 'T1', user: 'UCYD' } as const;
    const askedByAll = [
      { one: { ...waits, requestedBy: bob }, of: {} },
      { one: { ...waits, retriedBy: [bob] }, of: {} },
      { one: waits, of: { requestedBy: bob } },
      { one: waits, of: { retriedBy: [bob] } },
    ];
    for (const { one, of } of askedByAll) {
      const made = release('done', of);
      const inSlot = { service: 'hello', version: 2, environment: 'production', deployment: one.id };
      const event = { type: 'DeploymentReminded', ...inSlot } as const;
      const view = { event, at: noon, policy: own, texts: {}, deployment: one, release: made };
      expect(reminded(view)).toEqual(['T1/UCYD']);
      expect(releaseCard(releaseView({ policy: own, release: made, deployments: [one] })).mentions).toEqual([
        'UCYD',
      ]);
      const open = { releases: [], deployments: [one] };
      const snapshot = serviceView({ policy: own, open, askedBy: { 2: made } });
      const waitsFor = (by: Actor) =>
        readable(home({ services: [snapshot], recent: [], now: noon }, { by })).split('Your releases')[0];
      expect(waitsFor(bob)).toContain('Nothing waits for you.');
      expect(waitsFor(cyd)).toContain('hello v2');
    }
  });

  it('where all who may approve have asked for it themselves, the note does not call that nobody named', () => {
    const cyd = { kind: 'person', team: 'T1', user: 'UCYD' } as const;
    const one = { ...waits, requestedBy: bob, retriedBy: [cyd] };
    const inSlot = { service: 'hello', version: 2, environment: 'production', deployment: one.id };
    const event = { type: 'DeploymentReminded', ...inSlot } as const;
    const view = { event, at: noon, policy: own, texts: {}, deployment: one, release: release('done') };
    const words = consentNote(view, event, { name: '*hello v2*', where: '*production*' })?.words;
    expect(words).toContain('whoever the operators let approve and who did not ask for it');
    expect(words).not.toContain('nobody');
  });

  it('/bake why names them, for each of their rights', () => {
    const said = (one: typeof waits) =>
      readable(why(serviceView({ policy: own }), [], [deploymentView({ policy: own, deployment: one })]));
    expect(said(waits)).toContain('Who can move it: <@UBOB> or <@UCYD>');
    expect(said(deployment('retire', { wait: wait('retire') }))).toContain('Who can move it: <@UOPS>');
  });
});

it('a right that is given to nobody is shown as the administrators’', () => {
  const bare = { ...policy, people: {}, admins: ['T1/UADM'] };
  const card = deploymentCard(deploymentView({ policy: bare, deployment: waits }), 'plan');
  expect(readable(card)).toContain('Who may: <@UADM>');
  expect(card.mentions).toEqual(['UADM']);
});

describe('a yes that is still missing', () => {
  const yes = { by: bob, at: noon, image: '', settings: '' };
  const plan = environment('production', { approvals: 1, oneOf: ['T1/SSRE'] });
  const card = (one: typeof waits) =>
    readable(deploymentCard(deploymentView({ policy: own, deployment: one }), 'plan'));
  const asked = (one: typeof waits) =>
    readable(why(serviceView({ policy: own }), [], [deploymentView({ policy: own, deployment: one })]));

  it('of a required group is said on the card and by why', () => {
    const one = { ...waits, plan, approvals: [yes] } as typeof waits;
    expect(card(one)).toContain('One of <!subteam^SSRE> has to be among them.');
    expect(asked(one)).toContain('a yes for *production*, one of them from <!subteam^SSRE>');
  });

  it('of a required one is asked of him alone, when enough others have agreed', () => {
    const asks = (oneOf: string[], approvals = [yes]) => {
      const one = { ...waits, plan: environment('production', { approvals: 1, oneOf }), approvals };
      return deploymentCard(deploymentView({ policy: own, deployment: one as typeof waits }), 'plan');
    };
    expect(asks(['T1/UCYD']).mentions).toEqual(['UCYD']);
    expect(readable(asks(['T1/SSRE']))).toContain('Who may: <!subteam^SSRE>.');
    expect(asks(['T1/SSRE']).mentions).toEqual([]);
    // Before that, everybody whose yes counts is asked; who may not approve never is.
    expect(asks(['T1/UCYD'], []).mentions).toEqual(['UBOB', 'UCYD']);
    expect(asks(['T1/UNOBODY']).mentions).toEqual(['UCYD']);
  });

  it('for an author whom nobody knows is counted, once somebody said the first', () => {
    const one = {
      ...waits,
      plan: environment('production'),
      approvals: [{ ...yes, needed: 2 }],
    } as typeof waits;
    expect(card(one)).toContain('1 of 2 approvals');
    expect(asked(one)).toContain('1 more yes for *production*');
  });
});

it('a notice calls whom it takes something from or asks, and names all others', () => {
  const lock = { by: ann, since: noon, until: noon + 1, reason: 'reason', nagAt: noon };
  const about = { service: 'hello', environment: 'production' };
  const told = (event: object) => holdNotice({ event, texts } as Parameters<typeof holdNotice>[0])?.mentions;
  expect(told({ type: 'SlotLocked', ...about, lock })).toEqual([]);
  expect(told({ type: 'SlotLocked', ...about, lock, from: bob })).toEqual(['UBOB']);
  expect(told({ type: 'LockNagged', ...about, lock, next: noon })).toEqual(['UANN']);
  expect(told({ type: 'SlotUnlocked', ...about, by: ann, was: bob })).toEqual([]);
});
