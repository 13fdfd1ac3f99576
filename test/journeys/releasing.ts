import { afterEach, describe, expect, it } from 'vitest';
import { failed } from '../support/core-world.ts';
import { readable } from '../support/slack-limits.ts';
import { until } from '../support/wait-for.ts';
import { ann, bob, cyd, eve, gus, live, open, town } from './cast.ts';
import { buttonsFor } from './old-buttons.ts';
import { type Mode, people } from './town.ts';
import { button, cardOf, seen, threadSays, walked } from './walker.ts';

/** How a release gets to people: through its stages, beside the old one, again after a failure. */
export const releasing = (mode: Mode) =>
  describe(`over ${mode}`, () => {
    afterEach(() => town.close());

    it('a release goes from the dialog to live, with one card and the story in its thread', async () => {
      await open(mode);
      await ann.says('/bake');
      const dialog = await ann.dialog('Release a service');
      const offered = await ann.hands.suggest({ id: dialog.id }, 'suggest-service', 'he');
      expect(JSON.stringify(offered)).toContain('hello');
      walked.add('form release-form');
      await ann.hands.submit({ id: dialog.id }, { text: 'one' });
      await ann.dialogSays('hello v1 is on its way');
      const card = await seen(town, 'hello v1 · waits for approval for production');
      expect(readable(card)).toContain('*To decide: v1 for production* (nothing is live there yet)');
      expect(readable(card)).toContain(`<@${people.bob}>`);
      expect(readable(card)).toContain('asked for by ann');
      expect(card.text).toContain('waits for approval');

      await ann.presses(card, 'approve');
      expect(await ann.told()).toContain('You may not approve hello');
      await eve.presses(card, 'approve');
      expect(await eve.told()).toContain('These people may');
      await gus.presses(card, 'approve');
      expect(await gus.told()).toContain('Guests cannot do this');
      await bob.presses(card, 'approve');
      await button(town, card, 'approve', false);
      await cyd.pressesOld(card, 'approve');
      expect(await cyd.told()).toMatch(
        new RegExp(`Approved already by <@${people.bob}> \\((just now|\\d+ s ago)\\)`),
      );

      const done = await seen(town, 'hello v1 · live in production');
      expect(done.ts).toBe(card.ts);
      expect(readable(done)).toMatch(/approved by bob <!date/);
      expect(town.slack.messages('#hello').filter((one) => one.subtype === undefined)).toHaveLength(1);
      await threadSays(town, done, 'bob approved *hello v1*');
      await threadSays(town, done, '*hello v1* is live in *production*');
      await threadSays(town, done, 'tests passed');
    });

    it('the next one says what changes, runs beside the old one, and the old one is retired or gone back to', async () => {
      await open(mode);
      await live(1, 'one');
      await ann.says('/bake hello two');
      await ann.told();
      const card = await seen(town, 'hello v2 · waits for approval');
      expect(readable(card)).toContain('*1 commit since v1*');
      await threadSays(town, card, 'changes 1 commit against v1, which is live');
      await bob.presses(card, 'approve');
      const beside = await button(town, await seen(town, 'hello v2 · live in production'), 'retire');
      expect(readable(beside)).toContain('v1 still runs, so going back takes seconds');
      await eve.presses(beside, 'retire');
      expect(await eve.told()).toContain('You may not retire');
      expect(await ann.asks('/bake why hello')).toContain('somebody to press *Retire old*');
      expect(await ann.asks('/bake status hello')).toContain('v1 still runs beside it');
      expect(await ann.asks('/bake history hello')).toContain('production: previous');
      expect(await ann.asks('/bake log hello v2 build')).toContain('line two');
      expect(await ann.asks('/bake diff hello v1 v2')).toContain('*1 commit* by Ada');
      await ann.presses(beside, 'retire');
      const alone = await button(town, beside, 'retire', false);
      await seen(town, 'hello v2 · live in production');
      await until(
        'the cold way back',
        () => readable(cardOf(town, 'hello v2 · live') ?? {}).includes('would start v1 from its own image'),
        12_000,
      );
      await bob.pressesText(
        await button(town, alone, 'roll-back'),
        'Roll back production to v1',
        'roll-back',
      );
      const back = await seen(town, 'Rollback to hello v1 · live in production');
      expect(readable(back)).toContain('|card of the release>');
      await threadSays(town, back, 'bob rolls *production* back to *hello v1*');
    });

    it('what fails says why on the card and in the channel, and is tried again or cancelled', async () => {
      await open(mode);
      town.world.say = ({ kind }) =>
        kind === 'build' ? failed('command failed', 'The command npm test ended with 1.') : undefined;
      await ann.says('/bake hello one');
      await ann.told();
      const card = await seen(town, 'hello v1 · failed in build');
      expect(readable(card)).toContain('The command npm test ended with 1.');
      await until(
        'the broadcast',
        () =>
          town.slack
            .messages('#hello')
            .some((one) => one.subtype === 'thread_broadcast' && one.text.includes('failed')),
        8_000,
      );
      town.world.say = ({ kind }) => (kind === 'bake' ? 'hang' : undefined);
      await ann.presses(await button(town, card, 'retry-release'), 'retry-release');
      const again = await button(town, card, 'cancel-release');
      await ann.presses(again, 'cancel-release');
      await seen(town, 'hello v1 · cancelled');
      await ann.pressesOld(again, 'cancel-release');
      expect(await ann.told()).toContain('there is nothing to cancel');
    });

    it('a deployment that fails is tried again from its card, and one that waits is cancelled', async () => {
      await open(mode);
      town.world.say = ({ kind, effect }) =>
        kind === 'launch' && effect.includes('production')
          ? failed('unhealthy', 'It never answered.')
          : undefined;
      await ann.says('/bake hello one');
      await ann.told();
      const card = await seen(town, 'hello v1 · waits for approval');
      await bob.presses(card, 'approve');
      const broken = await button(
        town,
        await seen(town, 'hello v1 · failed in production'),
        'retry-deployment',
      );
      town.world.say = () => undefined;
      await ann.presses(broken, 'retry-deployment');
      await seen(town, 'hello v1 · live in production');
      await ann.says('/bake hello two');
      await ann.told();
      const second = await button(
        town,
        await seen(town, 'hello v2 · waits for approval'),
        'cancel-deployment',
      );
      await ann.presses(second, 'cancel-deployment');
      await seen(town, 'hello v2 · cancelled for production');
      expect(await ann.asks('/bake cancel hello')).toContain('There is nothing of hello to cancel');
      await bob.pressesOld(second, 'approve');
      expect(await bob.told()).toContain(`Cancelled already by <@${people.ann}>`);
      await button(town, second, 'cancel-deployment', false);
    });

    it('what nobody approves in time expires, and a hotfix overtakes what waits', async () => {
      await open(mode);
      await ann.says('/bake hasty one', '#hasty');
      await ann.told();
      const late = await seen(town, 'hasty v1 · not approved in time for production', '#hasty');
      await bob.pressesOld({ ...late, blocks: buttonsFor('approve', late) }, 'approve');
      expect(await bob.told()).toMatch(/There is nothing to decide|out of date/);
      await ann.says('/bake hello one');
      await ann.told();
      const waits = await seen(town, 'hello v1 · waits for approval');
      await ann.says('/bake hotfix hello fix/x the shop is down');
      expect(await ann.told()).toContain('hello v2 is on its way');
      await seen(town, 'hello v1 · overtaken in production by v2');
      const fix = await seen(town, 'hello v2 · waits for approval');
      expect(readable(fix)).toContain('*Hotfix:* the shop is down');
      await bob.pressesOld(waits, 'approve');
      expect(await bob.told()).toContain('Overtaken by v2');
      expect(await ann.asks('/bake hotfix hello main')).toContain('The reason is missing');
    });
  });
