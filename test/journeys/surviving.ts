import { afterEach, describe, expect, it } from 'vitest';
import { readable } from '../support/slack-limits.ts';
import { ann, bob, open, town } from './cast.ts';
import { type Mode, people } from './town.ts';
import { seen } from './walker.ts';

/** What Slack does twice, or takes away. */
export const surviving = (mode: Mode) =>
  describe(`over ${mode}`, () => {
    afterEach(() => town.close());

    it('what is delivered twice is done once', async () => {
      await open(mode);
      await ann.says('/bake hello one');
      await town.slack.deliverAgain();
      await ann.told();
      const card = await seen(town, 'hello v1 · waits for approval');
      await bob.presses(card, 'approve');
      await town.slack.deliverAgain();
      await seen(town, 'hello v1 · live in production');
      expect(town.slack.ephemerals(people.ann)).toHaveLength(1);
      expect(town.slack.ephemerals(people.bob)).toHaveLength(0);
      expect(await ann.asks('/bake history hello')).not.toContain('v2');
    });

    it('cards outlive what Slack does to them: deleted, refused, answered too late, channels gone', async () => {
      await open(mode);
      town.slack.failNext({ method: 'chat.postMessage', status: 500, afterTaking: true });
      await ann.says('/bake hello one');
      await ann.told();
      town.slack.failNext({ method: 'chat.update', status: 429, retryAfter: 1 });
      town.slack.failNext({ method: 'chat.update', error: 'edit_window_closed' });
      const card = await seen(town, 'hello v1 · waits for approval');
      town.slack.deleteMessage(card);
      await bob.presses(await bob.decision('/bake approve hello v1 production'), 'approve');
      await seen(town, 'hello v1 · live in production');
      town.slack.removeBot('#hello');
      await ann.says('/bake hello two');
      const moved = await seen(town, 'hello v2 · waits for approval', '#deploys');
      expect(readable(moved)).toContain('cannot post to its own channel (`not_in_channel`)');
      expect(await ann.told()).toContain('hello v2 is on its way');
    }, 60_000);
  });
