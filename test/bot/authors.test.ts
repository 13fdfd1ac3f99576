import { WebClient } from '@slack/web-api';
import { expect, it, vi } from 'vitest';
import { deploymentWithAuthor, releaseWithAuthor, serviceWithAuthors } from '../../src/bot/authors.ts';
import { createDesk } from '../../src/bot/messenger/desk.ts';
import { isCard, renderCard } from '../../src/bot/messenger/render.ts';
import { deploymentCard } from '../../src/bot/views/deployment-card.ts';
import { home } from '../../src/bot/views/home.ts';
import { releaseCard } from '../../src/bot/views/release-card.ts';
import type { Actor } from '../../src/pipeline/domain/actor.ts';
import type { Mailbox } from '../../src/pipeline/domain/verified.ts';
import { fakePipeline } from '../support/fake-pipeline.ts';
import {
  bob,
  deployment,
  deploymentView,
  noon,
  release,
  releaseView,
  serviceView,
  texts,
  wait,
} from '../support/sample.ts';
import { readable } from '../support/slack-limits.ts';

const waiting = (over: { selfApproval?: boolean; approvals?: number } = {}) => {
  const one = deployment('approve', { wait: wait('approval') });
  return { ...one, plan: { ...one.plan, selfApproval: false, approvals: 1, ...over } };
};
const commit = { ...release('done').commit, email: 'email' };
const written = { release: release('done', { commit }), texts: { ...texts, email: 'ann@example.test' } };
const decision = { live: { version: 1, since: 0 }, warnings: [] };
const viewOf = (one = waiting()) =>
  releaseView({ ...written, deployments: [one], decisions: { [one.id]: decision } });
const asks = (mailbox: Mailbox) => vi.fn(async () => mailbox);
const drawn = async (mailbox: Mailbox, one = waiting()) =>
  readable(releaseCard(await releaseWithAuthor(viewOf(one), asks(mailbox))));

it('a card says from the start that two are needed when nobody in Slack is the author', async () => {
  expect(await drawn({ is: 'nobody' })).toContain('Two people have to approve it: nobody in Slack has');
  const own = deploymentView({ ...written, deployment: waiting(), decision });
  const card = deploymentCard(await deploymentWithAuthor(own, asks({ is: 'nobody' })));
  expect(readable(card)).toContain('Two people have to approve it: nobody in Slack has');
});

it('a card says that two are needed as long as Slack cannot be asked', async () => {
  expect(await drawn({ is: 'unknown' })).toContain('as long as Slack cannot be asked who the author');
});

it('a card says nothing of it when the author is known', async () => {
  expect(await drawn({ is: 'person', key: 'T1/UANN' })).not.toContain('Two people have to approve');
});

it('nobody is asked where it makes no difference', async () => {
  const ask = asks({ is: 'nobody' });
  await releaseWithAuthor(viewOf(waiting({ selfApproval: true })), ask);
  await releaseWithAuthor(releaseView({ ...written, deployments: [deployment('soak')] }), ask);
  expect(ask).not.toHaveBeenCalled();
});

it('who wrote or pushed it is not mentioned: that yes would not count', async () => {
  const mine = { ...written, texts: { ...texts, email: 'bob@example.test' } };
  const own = deploymentView({ ...mine, deployment: waiting(), decision });
  const card = deploymentCard(await deploymentWithAuthor(own, asks({ is: 'person', key: 'T1/UBOB' })));
  expect(card.mentions).toEqual(['UCYD']);
  expect(readable(card)).toContain('Who may: <@UCYD>.');
  const view = serviceView({
    open: { releases: [], deployments: [waiting()] },
    askedBy: { 2: release('done', { commit }) },
    texts: mine.texts,
  });
  const whole = await serviceWithAuthors(view, asks({ is: 'person', key: 'T1/UBOB' }));
  const waitsFor = (by: Actor) =>
    readable(home({ services: [whole], recent: [], now: noon }, { by })).split('Your releases')[0];
  expect(waitsFor(bob)).toContain('Nothing waits for you.');
  expect(waitsFor({ kind: 'person', team: 'T1', user: 'UCYD' })).toContain('hello v2');
});

it('the card that is posted carries the warning', async () => {
  const pipeline = fakePipeline(Date.now);
  pipeline.releases.set('hello/2', viewOf());
  const desk = createDesk({
    pipeline,
    client: new WebClient('xoxb-1'),
    defaultChannel: 'C1',
    now: Date.now,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    mailbox: asks({ is: 'nobody' }),
  });
  pipeline.put({ key: 'card', content: { kind: 'release card', service: 'hello', version: 2 } });
  const message = await pipeline.outbox.find('card');
  if (message === undefined || !isCard(message)) throw new Error('There is no card.');
  const card = await renderCard(desk, message);
  expect(card && readable(card)).toContain('Two people have to approve it');
});
