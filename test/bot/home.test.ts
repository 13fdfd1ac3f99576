import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHome, type Home } from '../../src/bot/home.ts';
import { slackClients } from '../../src/bot/slack-clients.ts';
import { type FakePipeline, fakePipeline } from '../support/fake-pipeline.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import { release, serviceView } from '../support/sample.ts';
import { until } from '../support/wait-for.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const ann = { kind: 'person' as const, team: 'T1', user: 'UANN' };

/** Two Slacks, so that it is seen which of the two clients was used. */
let waitedFor: FakeSlack;
let behind: FakeSlack;
let pipeline: FakePipeline;
let home: Home;
let time = 0;
const published = ({ of }: FakeSlack) => of('views.publish').map(({ args }) => args.user_id);

beforeEach(async () => {
  time = 1_000_000;
  [waitedFor, behind] = await Promise.all([startFakeSlack(), startFakeSlack()]);
  const at = ({ url }: FakeSlack) => slackClients({ botToken: 'xoxb-1', apiUrl: url, log });
  pipeline = fakePipeline(() => time);
  pipeline.services.set('hello', serviceView());
  home = createHome({
    pipeline,
    clients: { interactive: at(waitedFor).interactive, progress: at(behind).progress },
    now: () => time,
    log,
    groupsOf: async () => undefined,
    mailbox: async () => ({ is: 'nobody' }),
    settle: 1,
  });
});
afterEach(async () => {
  home.stop();
  await Promise.all([waitedFor.close(), behind.close()]);
});

/** Something else is under way by now. */
function change(version: number): void {
  const open = { releases: [release('build', { version })], deployments: [] };
  pipeline.services.set('hello', serviceView({ open }));
  pipeline.commit();
}

describe('App Home', () => {
  it('is shown to who opens it by the client for what a person waits for, and changes by the other', async () => {
    await home.opened(ann);
    expect(published(waitedFor)).toEqual(['UANN']);
    change(7);
    await until('the change', () => published(behind).length === 1);
    await home.opened(ann);
    expect(published(waitedFor)).toEqual(['UANN', 'UANN']);
  });

  it('finds room for who opens it, however much was shown to others in that minute', async () => {
    await home.opened(ann);
    for (let version = 1; version <= 65; version += 1) {
      const before = published(behind).length;
      change(version);
      if (version < 60) await until('the change', () => published(behind).length > before);
    }
    expect(published(behind).length).toBeLessThanOrEqual(60);
    await home.opened({ ...ann, user: 'UBOB' });
    expect(published(waitedFor)).toEqual(['UANN', 'UBOB']);
  });
});
