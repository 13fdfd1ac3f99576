import { WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../../src/bot/log.ts';
import { type Messenger, startMessenger } from '../../src/bot/messenger.ts';
import { type FakePipeline, fakePipeline } from '../support/fake-pipeline.ts';
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts';
import {
  bob,
  deployment,
  noon,
  policy,
  release,
  releaseView,
  serving,
  slot,
  texts,
  wait,
} from '../support/sample.ts';
import { labels, readable } from '../support/slack-limits.ts';
import { until } from '../support/wait-for.ts';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };
let slack: FakeSlack;
let pipeline: FakePipeline;
let messenger: Messenger | undefined;
let time = noon;
const now = (): number => time;

beforeEach(async () => {
  time = noon;
  slack = await startFakeSlack();
  pipeline = fakePipeline(now);
});
afterEach(async () => {
  await messenger?.stop();
  messenger = undefined;
  await slack.close();
});

function start(timeout = 2000): Messenger {
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

const cardOf = (version = 2) => ({
  key: `card-${version}`,
  content: { kind: 'release card' as const, service: 'hello', version },
});
const building = (version = 2) => releaseView({ release: release('build', { version }), now: time });

function putCard(view = building(), version = 2): void {
  pipeline.releases.set(`hello/${version}`, view);
  pipeline.put(cardOf(version));
}

/** The ledger knows it too: the clock may be moved without a race. */
const cardPosted = () => until('the card', () => pipeline.messages.get('card-2')?.posted !== undefined);

/** Several looks have happened since: what was going to be done at once is done. */
async function looks(count = 4): Promise<void> {
  const due = pipeline.outbox.due;
  let seen = 0;
  pipeline.outbox.due = (limit) => {
    seen += 1;
    return due(limit);
  };
  await until(`${count} looks`, () => seen >= count);
  pipeline.outbox.due = due;
}

describe('a card in Slack', () => {
  it('is posted once with its key and edited in place', async () => {
    start();
    putCard();
    await cardPosted();
    expect(slack.messages[0]).toMatchObject({
      channel: 'C1',
      metadata: { event_payload: { key: 'card-2' } },
    });
    time += 3000;
    putCard(releaseView({ release: release('verify'), now: time }));
    await until('the edit', () => slack.messages[0]?.text.includes('being verified') ?? false);
    expect(slack.of('chat.postMessage')).toHaveLength(1);
  });

  it('is not edited when it would look the same', async () => {
    start();
    const waiting = releaseView({ deployments: [deployment('approve', { wait: wait('approval') })] });
    putCard(waiting);
    await cardPosted();
    time += 60_000;
    const shown = pipeline.shownCount;
    putCard({ ...waiting, now: time });
    await until('it is called shown', () => pipeline.shownCount > shown);
    expect(slack.of('chat.update')).toEqual([]);
  });

  it('is edited at most every three seconds while it only goes on', async () => {
    start();
    putCard();
    await cardPosted();
    for (let step = 1; step <= 5; step += 1) putCard({ ...building(), now: time + step * 1000 });
    await looks();
    expect(slack.of('chat.update')).toEqual([]);
    time += 3000;
    await until('one edit', () => slack.of('chat.update').length === 1);
    await looks();
    expect(slack.of('chat.update')).toHaveLength(1);
  });

  it('is edited at once when it needs a person or is final', async () => {
    start();
    putCard();
    await cardPosted();
    putCard(releaseView({ deployments: [deployment('approve', { wait: wait('approval') })] }));
    await until('the buttons', () => labels(slack.messages[0] ?? {}).includes('Approve'));
    putCard(releaseView({ deployments: [deployment('approve', { state: 'rejected', rejectedBy: bob })] }));
    await until('their going', () => labels(slack.messages[0] ?? {}).length === 0);
  });

  it('loses its buttons at once after a click, although it is only progress', async () => {
    const running = start();
    putCard(releaseView({ deployments: [deployment('launch')] }));
    await until('the button', () => labels(slack.messages[0] ?? {}).includes('Cancel'));
    await until('its being written down', () => pipeline.shownCount > 0);
    putCard(releaseView({ deployments: [deployment('launch', { state: 'stopping' })] }));
    running.wake({ channel: 'C1', ts: slack.messages[0]?.ts ?? '' });
    await until('its going', () => labels(slack.messages[0] ?? {}).length === 0);
  });

  it('is drawn again every five seconds while something on it moves, and not when it is final', async () => {
    start();
    putCard();
    await cardPosted();
    await looks();
    time += 5000;
    pipeline.releases.set('hello/2', building());
    await until('the time that went on', () => slack.of('chat.update').length === 1);
    const live = deployment('done', { endedAt: noon });
    const slots = { production: slot('production', { live: serving(2, live.id) }) };
    time += 3000;
    putCard(releaseView({ deployments: [live], slots, now: time }));
    await until('the end', () => slack.of('chat.update').length === 2);
    time += 60_000;
    await looks();
    expect(slack.of('chat.update')).toHaveLength(2);
  });

  it('keeps the edits of fifty moving cards below Slack’s limit, and final ones go first', async () => {
    start();
    for (let version = 1; version <= 50; version += 1) {
      pipeline.releases.set(`hello/${version}`, building(version));
      pipeline.put({ ...cardOf(version), channel: `C${version}` });
    }
    await until('all cards', () =>
      [...pipeline.messages.values()].every(({ posted }) => posted !== undefined),
    );
    time += 6000;
    for (let version = 1; version <= 50; version += 1) putCard(building(version), version);
    // A few at once, the others evenly: so there is always room for what is urgent.
    await until('the budget', () => slack.of('chat.update').length === 3);
    await looks();
    expect(slack.of('chat.update')).toHaveLength(3);
    putCard(releaseView({ release: release('build', { version: 50, state: 'cancelled' }) }), 50);
    await until('the final one', () => slack.messages.some((one) => one.text.includes('cancelled')));
  });
});

describe('room for progress', () => {
  it('goes to the card whose drawing is oldest, however often others change', async () => {
    start();
    for (let version = 1; version <= 8; version += 1) {
      pipeline.releases.set(`hello/${version}`, building(version));
      pipeline.put({ ...cardOf(version), channel: `C${version}` });
    }
    await until('all cards', () => slack.of('chat.postMessage').length === 8);
    await looks();
    const drawn = new Map<string, number>();
    for (let round = 1; round <= 24; round += 1) {
      // Room for one more edit; the first three change all the time.
      time += 61_000 / 49;
      for (let version = 1; version <= 8; version += 1)
        pipeline.releases.set(`hello/${version}`, building(version));
      for (const version of [1, 2, 3]) pipeline.put(cardOf(version));
      await looks(3);
      // The next round begins when the ledger knows of all that this one drew.
      const sent = () => slack.messages.length + slack.of('chat.update').length;
      await until('what was sent is known', () => pipeline.shownCount === sent());
    }
    for (const { args } of slack.of('chat.update'))
      drawn.set(args.ts ?? '', (drawn.get(args.ts ?? '') ?? 0) + 1);
    expect([...drawn.values()].length).toBe(8);
    expect(Math.min(...drawn.values())).toBeGreaterThanOrEqual(Math.max(...drawn.values()) - 1);
  });
});

describe('when Slack refuses or is away', () => {
  it('a rate limit is waited out for as long as Slack says, and nothing is lost', async () => {
    slack.fail('chat.postMessage', { status: 429, retryAfter: 7 });
    start();
    putCard();
    await until('the refusal', () => slack.calls.length === 1);
    await looks();
    expect(slack.of('chat.postMessage')).toHaveLength(1);
    time += 7000;
    await cardPosted();
  });

  it('a server error is tried again later', async () => {
    slack.fail('chat.postMessage', { status: 503 }, { status: 500 });
    start();
    putCard();
    for (const calls of [1, 2, 3]) {
      await until(`${calls} tries`, () => slack.of('chat.postMessage').length === calls);
      await looks();
      time += 4000;
    }
    expect(slack.messages).toHaveLength(1);
  });

  it('a post whose answer was lost is found by its key and not posted twice', async () => {
    slack.fail('chat.postMessage', { silent: true, after: true });
    start(100);
    putCard();
    await until('the post without an answer', () => (pipeline.messages.get('card-2')?.tries ?? 0) === 1);
    time += 2000;
    await until('its being found', () => pipeline.messages.get('card-2')?.posted !== undefined);
    expect(slack.messages).toHaveLength(1);
    expect(slack.of('conversations.history')[0]?.args.include_all_metadata).toBe('true');
  });

  it('a post that was taken just before a kill is found after the start', async () => {
    const killed = start();
    putCard();
    await cardPosted();
    await killed.stop();
    await pipeline.outbox.lost('card-2');
    start();
    await until('its being found', () => pipeline.messages.get('card-2')?.posted !== undefined);
    expect(slack.messages).toHaveLength(1);
  });

  it('without the scope for history a lost answer costs a second post, and is asked about once', async () => {
    slack.fail('conversations.history', { error: 'missing_scope' });
    slack.fail('chat.postMessage', { status: 500, after: true });
    start();
    putCard();
    await until('the first try', () => pipeline.messages.get('card-2')?.tries === 1);
    time += 4000;
    await until('the second', () => pipeline.messages.get('card-2')?.posted !== undefined);
    expect(slack.messages).toHaveLength(2);
    expect(slack.of('conversations.history')).toHaveLength(1);
  });

  it.each(['msg_too_long', 'msg_blocks_too_long'])(
    'a card that is refused with %s is drawn shorter',
    async (error) => {
      slack.fail('chat.postMessage', { error });
      start();
      const failure = {
        stage: 'build',
        fault: 'command failed' as const,
        sentence: 'why',
        lines: 'lines',
        at: noon,
      };
      putCard(releaseView({ release: release('build', { state: 'failed', failure }) }));
      await cardPosted();
      const words = readable(slack.messages[0] ?? {});
      expect(words).toContain('hello v2 · failed in build');
      expect(words).not.toContain('but got 500');
      expect(labels(slack.messages[0] ?? {})).toEqual(['Retry from here']);
    },
  );

  it('a card that somebody deleted is posted anew', async () => {
    start();
    putCard();
    await cardPosted();
    slack.messages.length = 0;
    time += 3000;
    putCard(releaseView({ release: release('bake'), now: time }));
    await until('the new one', () => slack.messages[0]?.text.includes('baking') ?? false);
  });

  it('a card that may not be edited any more is posted anew only when it matters', async () => {
    start();
    putCard();
    await cardPosted();
    slack.fail('chat.update', ...Array.from({ length: 9 }, () => ({ error: 'edit_window_closed' })));
    time += 3000;
    putCard(releaseView({ release: release('bake'), now: time }));
    await until('the new one', () => slack.messages.length === 2);
    time += 3000;
    putCard(releaseView({ release: release('verify'), now: time }));
    await looks();
    expect(slack.messages).toHaveLength(2);
    putCard(releaseView({ release: release('verify', { state: 'cancelled' }) }));
    await until('the last state', () => slack.messages[2]?.text.includes('cancelled') ?? false);
  });

  it.each(['channel_not_found', 'not_in_channel', 'is_archived'])(
    'with %s the card goes to the default channel and says why',
    async (error) => {
      slack.fail('chat.postMessage', { error });
      start();
      putCard();
      await cardPosted();
      expect(slack.messages[0]?.channel).toBe('CDEFAULT');
      expect(readable(slack.messages[0] ?? {})).toContain(`cannot post to its own channel (\`${error}\`)`);
    },
  );

  it('nothing is given up while the default channel is closed to the bot, and readiness says why', async () => {
    for (let times = 0; times < 60; times++) slack.fail('chat.postMessage', { error: 'is_archived' });
    const running = start();
    putCard();
    await until('the word of it', () => running.state().reason?.includes('is_archived') ?? false);
    expect(running.state().ready).toBe(true);
    for (let minutes = 0; slack.messages.length === 0 && minutes < 200; minutes++) {
      time += 60_000;
      await looks();
    }
    await cardPosted();
    expect(time - noon).toBeGreaterThan(40 * 60_000);
    expect(pipeline.givenUp.size).toBe(0);
    expect(running.state()).toEqual({ ready: true });
  });

  it('a refused token keeps everything, is told to readiness, and heals', async () => {
    slack.fail('chat.postMessage', { error: 'invalid_auth' });
    const running = start();
    putCard();
    await until('not ready', () => !running.state().ready);
    expect(running.state().reason).toBe('Slack says invalid_auth');
    time += 15_000;
    await cardPosted();
    expect(running.state()).toEqual({ ready: true });
  });

  it('a ledger that could not be told does not make Slack show it twice', async () => {
    const { shown } = pipeline.outbox;
    pipeline.outbox.shown = async () => {
      pipeline.outbox.shown = shown;
      throw new Error('locked');
    };
    start();
    putCard();
    await until('it is called shown', () => pipeline.messages.get('card-2')?.posted !== undefined);
    expect(slack.of('chat.postMessage')).toHaveLength(1);
  });
});

describe('a note', () => {
  const about = { at: noon, policy, texts };
  const putNote = (seq: number, version: number): void => {
    pipeline.notes.set(seq, { ...about, event: { type: 'ReleasePromoted', service: 'hello', version } });
    pipeline.put({ key: `note-${seq}`, content: { kind: 'note', seq, card: 'card-2' } });
  };

  it('waits for its card, then stands in its thread, in order', async () => {
    pipeline.releases.set('hello/2', building());
    pipeline.put({ ...cardOf(), notBefore: time + 1000 });
    putNote(8, 8);
    putNote(7, 7);
    start();
    await looks();
    expect(slack.messages).toEqual([]);
    time += 1000;
    await until('all three', () => slack.messages.length === 3);
    const [card, ...notes] = slack.messages;
    expect(notes.map(({ thread_ts }) => thread_ts)).toEqual([card?.ts, card?.ts]);
    expect(notes.map(({ text }) => text.includes('v7'))).toEqual([true, false]);
    expect(notes[0]?.reply_broadcast).toBeUndefined();
  });

  it('of a failure is sent to the channel too', async () => {
    const failure = { stage: 'build', fault: 'command failed' as const, sentence: 'why', at: noon };
    start();
    putCard();
    pipeline.notes.set(9, {
      ...about,
      event: { type: 'ReleaseStageFailed', service: 'hello', version: 2, failure },
    });
    pipeline.put({ key: 'note-9', content: { kind: 'note', seq: 9, card: 'card-2' } });
    await until('the note', () => slack.messages.length === 2);
    expect(slack.messages[1]?.reply_broadcast).toBe(true);
  });

  it('that has nothing to say is given up and holds nothing up', async () => {
    start();
    putCard();
    const event = {
      type: 'ReleaseStageBegan',
      service: 'hello',
      version: 2,
      stage: 'build',
      generation: 1,
    } as const;
    pipeline.notes.set(1, { ...about, event });
    pipeline.put({ key: 'note-1', content: { kind: 'note', seq: 1, card: 'card-2' } });
    putNote(2, 2);
    await until('the next note', () => slack.messages.length === 2);
    expect(pipeline.givenUp.get('note-1')).toBe('its event deserves no note');
  });
});
