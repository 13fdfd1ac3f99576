import { expect, it } from 'vitest';
import { note } from '../../../src/bot/views/note.ts';
import type { Deployment } from '../../../src/pipeline/domain/deployment.ts';
import type { Event } from '../../../src/pipeline/domain/event.ts';
import { bob, deployment, noon, policy, release, texts, wait } from '../../support/sample.ts';

const about = { service: 'hello', version: 2, environment: 'production', deployment: 'hello.production.2' };
const asking: Event = { type: 'DeploymentWaits', ...about, wait: wait('approval') };
const waiting = deployment('approve', { wait: wait('approval') });
const { wait: _wait, ...decided } = waiting;
const passed: Partial<Deployment> = {
  stage: 'launch',
  stages: { ...waiting.stages, approve: { state: 'passed', beganAt: noon, endedAt: noon } },
};
const told = (one: Deployment, event: Event = asking) =>
  note({ event, at: noon, policy, texts, release: release(), deployment: one });

it('who must decide is called on for as long as it is undecided, and by a reminder', () => {
  for (const event of [asking, { type: 'DeploymentReminded', ...about } as const]) {
    const calling = told(waiting, event);
    expect(calling?.text).toContain('waits for your approval for *production*');
    expect(calling?.mentions).toContain('UBOB');
    expect(calling?.isOver).toBeUndefined();
  }
});

it.each<[string, Partial<Deployment>]>([
  [
    'was approved by <@UBOB>',
    { ...passed, approvals: [{ by: bob, at: noon, image: 'sha256:i', settings: 'sha256:s' }] },
  ],
  ['was rejected by <@UBOB>', { state: 'rejected', rejectedBy: bob }],
  ['was cancelled by <@UBOB>', { state: 'cancelled', cancelledBy: bob }],
  ['was not decided in time', { state: 'stopping', endsAs: 'expired' }],
  ['was overtaken by v3', { state: 'overtaken', overtakenBy: 'hello.production.3', overtakenByVersion: 3 }],
  ['was overridden by <@UBOB>', { ...passed, override: { by: bob, at: noon, reason: 'reason', lifts: [] } }],
  ['came to nothing', { state: 'failed' }],
  ['is asked about anew', { wait: wait('approval', { since: noon + 1 }) }],
])('what calls on people says when it is over how it ended: %s', (words, over) => {
  const closed = told({ ...decided, ...over });
  expect(closed?.text).toBe(`☑️ *hello v2* for *production* ${words}. Nobody has to decide this any more.`);
  expect(closed).toMatchObject({ isOver: true, mentions: [] });
});
