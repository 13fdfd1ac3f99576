import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach } from 'vitest';
import type { Log } from '../../src/bot/log.ts';
import { type Messenger, startMessenger } from '../../src/bot/messenger.ts';
import { type FakePipeline, fakePipeline } from './fake-pipeline.ts';
import { type FakeSlack, startFakeSlack } from './fake-slack.ts';
import { noon, release, releaseView } from './sample.ts';
import { until } from './wait-for.ts';

export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
// A messenger before a Slack that is faked, opened anew before each test by `openedForEach`.
export let slack: FakeSlack;
export let pipeline: FakePipeline;
let messenger: Messenger | undefined;
/** The messenger's clock, which goes only when a test moves it. */
export const clock = { time: noon };
const now = (): number => clock.time;

export function openedForEach(): void {
  beforeEach(async () => {
    clock.time = noon;
    slack = await startFakeSlack();
    pipeline = fakePipeline(now);
  });
  afterEach(async () => {
    await messenger?.stop();
    messenger = undefined;
    await slack.close();
  });
}

export function start(timeout = 2000): Messenger {
  const client = new WebClient('xoxb-1', {
    slackApiUrl: slack.url,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    timeout,
    logger: { ...quiet, setLevel() {}, getLevel: () => 'info' as never, setName() {} },
  });
  messenger = startMessenger({ pipeline, client, defaultChannel: 'CDEFAULT', now, log: quiet, interval: 20 });
  return messenger;
}

export const cardOf = (version = 2) => ({
  key: `card-${version}`,
  content: { kind: 'release card' as const, service: 'hello', version },
});
export const building = (version = 2) =>
  releaseView({ release: release('build', { version }), now: clock.time });

export function putCard(view = building(), version = 2): void {
  pipeline.releases.set(`hello/${version}`, view);
  pipeline.put(cardOf(version));
}

/** The ledger knows it too: the clock may be moved without a race. */
export const cardPosted = () =>
  until('the card', () => pipeline.messages.get('card-2')?.posted !== undefined);

/** Several looks have happened since: what was going to be done at once is done. */
export async function looks(count = 4): Promise<void> {
  const due = pipeline.outbox.due;
  let seen = 0;
  pipeline.outbox.due = (limit) => {
    seen += 1;
    return due(limit);
  };
  await until(`${count} looks`, () => seen >= count);
  pipeline.outbox.due = due;
}
