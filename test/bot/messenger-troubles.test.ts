import { describe, expect, it } from 'vitest';
import { noon, release, releaseView } from '../support/sample.ts';
import { labels, readable } from '../support/slack-limits.ts';
import {
  cardPosted,
  clock,
  looks,
  openedForEach,
  pipeline,
  putCard,
  slack,
  start,
} from '../support/small-messenger.ts';
import { until } from '../support/wait-for.ts';

openedForEach();

describe('when Slack refuses or is away', () => {
  it('a rate limit is waited out for as long as Slack says, and nothing is lost', async () => {
    slack.fail('chat.postMessage', { status: 429, retryAfter: 7 });
    start();
    putCard();
    await until('the refusal', () => slack.calls.length === 1);
    await looks();
    expect(slack.of('chat.postMessage')).toHaveLength(1);
    clock.time += 7000;
    await cardPosted();
  });

  it('a server error is tried again later', async () => {
    slack.fail('chat.postMessage', { status: 503 }, { status: 500 });
    start();
    putCard();
    for (const calls of [1, 2, 3]) {
      await until(`${calls} tries`, () => slack.of('chat.postMessage').length === calls);
      await looks();
      clock.time += 4000;
    }
    expect(slack.messages).toHaveLength(1);
  });

  it('a post whose answer was lost is found by its key and not posted twice', async () => {
    slack.fail('chat.postMessage', { silent: true, after: true });
    start(100);
    putCard();
    await until('the post without an answer', () => (pipeline.messages.get('card-2')?.tries ?? 0) === 1);
    clock.time += 2000;
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
    clock.time += 4000;
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
    clock.time += 3000;
    putCard(releaseView({ release: release('bake'), now: clock.time }));
    await until('the new one', () => slack.messages[0]?.text.includes('baking') ?? false);
  });

  it('a card that may not be edited any more is posted anew only when it matters', async () => {
    start();
    putCard();
    await cardPosted();
    slack.fail('chat.update', ...Array.from({ length: 9 }, () => ({ error: 'edit_window_closed' })));
    clock.time += 3000;
    putCard(releaseView({ release: release('bake'), now: clock.time }));
    await until('the new one', () => slack.messages.length === 2);
    clock.time += 3000;
    putCard(releaseView({ release: release('verify'), now: clock.time }));
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
      clock.time += 60_000;
      await looks();
    }
    await cardPosted();
    expect(clock.time - noon).toBeGreaterThan(40 * 60_000);
    expect(pipeline.givenUp.size).toBe(0);
    expect(running.state()).toEqual({ ready: true });
  });

  it('a refused token keeps everything, is told to readiness, and heals', async () => {
    slack.fail('chat.postMessage', { error: 'invalid_auth' });
    const running = start();
    putCard();
    await until('not ready', () => !running.state().ready);
    expect(running.state().reason).toBe('Slack says invalid_auth');
    clock.time += 15_000;
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
