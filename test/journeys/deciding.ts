import { afterEach, describe, expect, it } from 'vitest';
import type { Message } from '../../src/slack-simulator/types.ts';
import { readable } from '../support/slack-limits.ts';
import { until } from '../support/wait-for.ts';
import { ann, bob, cyd, eve, open, town } from './cast.ts';
import { buttonsFor } from './old-buttons.ts';
import { type Mode, people } from './town.ts';
import { button, seen, threadSays } from './walker.ts';

/** How people decide, and what keeps them from it. */
export const deciding = (mode: Mode) =>
  describe(`over ${mode}`, () => {
    afterEach(() => town.close());

    it('a rejection needs a reason, by button and by word, and shows it', async () => {
      await open(mode);
      await ann.says('/bake hello one');
      await ann.told();
      const card = await seen(town, 'hello v1 · waits for approval');
      await bob.presses(card, 'reject');
      const dialog = await bob.dialog('Reject the deployment');
      const empty = await bob.hands.submit({ id: dialog.id }, {});
      expect(Object.keys(empty.errors ?? {})).toEqual(['reason']);
      await bob.hands.submit({ id: dialog.id }, { text: 'the migration has to go first' });
      const over = await seen(town, 'hello v1 · rejected for production');
      expect(readable(over)).toContain('the migration has to go first');
      await ann.says('/bake hello two');
      await ann.told();
      await seen(town, 'hello v2 · waits for approval');
      expect(await cyd.asks('/bake approve hello')).toContain('*To decide: v2 for production*');
      expect(await eve.asks('/bake reject hello production no')).toContain('You may not');
      expect(await cyd.asks('/bake reject hello v2 not on a friday')).toContain('Where?');
      expect(await cyd.asks('/bake reject hello v2 production not on a friday')).toContain('You rejected v2');
      await seen(town, 'hello v2 · rejected for production');
      expect(await cyd.asks('/bake approve hello v2 production')).toContain(
        'Nothing of hello v2 waits for approval',
      );
      expect(await ann.asks('/bake why hello')).toContain('Nothing of hello is under way');
    });

    it('what called on people says how it was decided, and calls on nobody any more', async () => {
      await open(mode);
      const called = (card: Message) =>
        town.slack
          .thread(card.channel, card.ts)
          .map((one) => one.text ?? '')
          .filter((text) => text.includes('waits for your approval') || text.startsWith('☑️'));
      await ann.asks('/bake hello one');
      const first = await seen(town, 'hello v1 · waits for approval');
      await threadSays(town, first, 'waits for your approval for *production*');
      await bob.presses(first, 'reject');
      const dialog = await bob.dialog('Reject the deployment');
      await bob.hands.submit({ id: dialog.id }, { text: 'not today' });
      await threadSays(town, first, 'was rejected by');
      await until('nobody to be called on', () => called(first).every((text) => text.startsWith('☑️')), 8_000);
      expect(called(first)).toHaveLength(1);
      await ann.asks('/bake hello two');
      const second = await seen(town, 'hello v2 · waits for approval');
      await threadSays(town, second, 'waits for your approval for *production*');
      await bob.presses(second, 'approve');
      await seen(town, 'hello v2 · live in production');
      await threadSays(town, second, 'was approved by');
      expect(called(second)).toEqual([expect.stringMatching(/^☑️ .*Nobody has to decide this any more\.$/)]);
    }, 60_000);

    it('fifty clicks at once make one decision, and everybody is told', async () => {
      await open(mode);
      await ann.says('/bake hello one');
      await ann.told();
      const card = await seen(town, 'hello v1 · waits for approval');
      const clicks = Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? bob : cyd).pressesOld(card, 'approve'),
      );
      await Promise.all(clicks);
      await seen(town, 'hello v1 · live in production');
      const approvals = town.world.file.sqlite
        .prepare("SELECT count(*) AS many FROM events WHERE type = 'DeploymentApproved'")
        .get();
      expect(approvals).toEqual({ many: 1 });
      const answersOf = () => [people.bob, people.cyd].flatMap((one) => town.slack.ephemerals(one));
      await until('49 answers', () => answersOf().length === 49, 8_000);
      expect(answersOf().every(({ text }) => /already/.test(text))).toBe(true);
    });

    it('locks, freezes and overrides are said in a word each, and told to whom they concern', async () => {
      await open(mode);
      await ann.says('/bake hello one');
      await ann.told();
      const card = await seen(town, 'hello v1 · waits for approval');
      expect(await eve.asks('/bake lock hello production mine')).toContain('You may not lock');
      expect(await ann.asks('/bake lock hello production "db work" for 1h')).toContain('hello is locked');
      await bob.presses(card, 'approve');
      expect(await bob.told()).toContain('db work');
      expect(await bob.asks('/bake unlock hello production')).toContain('Only its holder');
      expect(await bob.asks('/bake steal hello production she is away')).toContain('is yours now');
      expect(await bob.asks('/bake unlock hello production')).toContain('is unlocked');
      expect(await ann.asks('/bake freeze hello "the audit" for 1h')).toContain('hello is frozen');
      expect(await bob.asks('/bake override hello v1 production "the shop is down"')).toContain(
        'by override',
      );
      await seen(town, 'hello v1 · live in production');
      expect(await ann.asks('/bake unfreeze hello')).toContain('is over');
      expect(await ann.asks('/bake overrides hello')).toContain('the shop is down');
      expect(await ann.asks('/bake who hello')).toContain('by override of');
      expect(await ann.asks('/bake stop hello an incident')).toContain('Nothing of hello is under way');
      expect(await ann.asks('/bake revoke hello v1 bad library')).toContain('It still runs: v1 in');
      expect(await eve.asks('/bake claim 0123')).toContain('not the code');
      await ann.pressesOld({ ...card, blocks: buttonsFor('give-way-replace', card) }, 'give-way-replace');
      expect(await ann.told()).toContain('not known any more');
    });

    it('a newer one that comes to wait offers replace, queue and keep both, to whoever may', async () => {
      await open(mode);
      const comesToWait = async (version: number): Promise<Message> => {
        expect(await ann.asks(`/bake picky change-${version}`, '#picky')).toContain('is on its way');
        return seen(town, `picky v${version} · waits for approval`, '#picky');
      };
      const first = await comesToWait(1);
      const second = await button(town, await comesToWait(2), 'give-way-queue');
      await eve.presses(second, 'give-way-queue');
      expect(await eve.told()).toContain('You may not');
      await ann.presses(second, 'give-way-queue');
      await button(town, second, 'approve', false);
      expect(await ann.asks('/bake why picky', '#picky')).toContain(
        'the older one that waits in *production*',
      );
      await bob.presses(first, 'approve');
      await seen(town, 'picky v1 · live in production', '#picky');
      await button(town, second, 'approve');
      const third = await button(town, await comesToWait(3), 'give-way-keep');
      await ann.presses(third, 'give-way-keep');
      await button(town, third, 'give-way-keep', false);
      await button(town, second, 'approve');
      const fourth = await button(town, await comesToWait(4), 'give-way-replace');
      await ann.presses(fourth, 'give-way-replace');
      await seen(town, 'picky v2 · overtaken in production', '#picky');
      await seen(town, 'picky v3 · overtaken in production', '#picky');
      await bob.presses(fourth, 'approve');
      await seen(town, 'picky v4 · live in production', '#picky');
    }, 60_000);
  });
