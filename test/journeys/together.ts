import { afterEach, describe, expect, it } from 'vitest';
import type { Message } from '../../src/slack-simulator/types.ts';
import { readable } from '../support/slack-limits.ts';
import { until } from '../support/wait-for.ts';
import { ann, bob, cyd, eve, open, town } from './cast.ts';
import type { Mode } from './town.ts';
import { button, seen, threadSays } from './walker.ts';

const channel = '#shop';

/** Waits until the group's card says that somebody has agreed to one of them. */
async function agreed(card: Message, name: string): Promise<void> {
  const now = () => town.slack.messages(card.channel).find(({ ts }) => ts === card.ts);
  const lines = () => readable(now() ?? {}).split('\n');
  await until(
    `${name} to be agreed to`,
    () => lines().some((line) => line.includes(name) && line.includes('agreed to by')),
    12_000,
  );
}

/** Services that are released together. */
export const together = (mode: Mode) =>
  describe(`over ${mode}`, () => {
    afterEach(() => town.close());

    it('two services go by one card and one yes, in order, and back in reverse', async () => {
      await open(mode);
      expect(await eve.asks('/bake shop one', channel)).toContain('You may not release');
      expect(await ann.asks('/bake shop one', channel)).toContain('shop v1 is on its way: till v1, desk v1.');
      const card = await seen(town, 'shop v1 · waits for approval for production', channel);
      expect(readable(card)).toMatch(/1\. .+till v1[\s\S]+2\. .+desk v1/);
      await threadSays(town, card, 'waits for your approval for *production*, all of it at once');
      expect(readable(card)).toMatch(/desk v1\* \(nothing is live there yet\)[\s\S]+3 of 3 tests passed/);
      await bob.hands.openHome();
      const home = () => readable({ blocks: town.slack.home(bob.id)?.blocks ?? [] });
      await until(
        'it to wait for Bob in App Home',
        () => home().includes('shop v1* waits for approval'),
        8_000,
      );
      await eve.presses(await button(town, card, 'approve-group'), 'approve-group');
      expect(await eve.told()).toContain('You may not approve till');
      const one = await seen(town, 'desk v1 · waits for its group to go to production', '#picky');
      expect(readable(one)).toContain('the card of its group asks for all of them at once');
      expect(await bob.asks('/bake approve desk')).toContain('`/bake approve shop` shows the one question');
      expect(await ann.asks('/bake why desk')).toContain('shop v1, with which v1 goes to *production*');
      // Cyd may approve one of them, Bob the other.
      await cyd.presses(await button(town, card, 'approve-group'), 'approve-group');
      await agreed(card, 'desk v1');
      await bob.presses(await button(town, card, 'approve-group'), 'approve-group');
      await seen(town, 'shop v1 · live in production', channel);
      await threadSays(town, card, 'All of *shop v1* is live in *production*');
      await threadSays(
        town,
        card,
        '☑️ *shop v1* for *production* was approved. Nobody has to decide this any more.',
      );
      expect(
        town.slack
          .thread(card.channel, card.ts)
          .map(({ text = '' }) => text)
          .join('\n'),
      ).not.toContain('waits for your approval');
      await ann.asks('/bake shop two', channel);
      const second = await seen(town, 'shop v2 · waits for approval', channel);
      await cyd.presses(await button(town, second, 'approve-group'), 'approve-group');
      await agreed(second, 'desk v2');
      await bob.presses(await button(town, second, 'approve-group'), 'approve-group');
      await seen(town, 'shop v2 · live in production', channel);
      await bob.presses(await button(town, second, 'roll-back-group'), 'roll-back-group');
      await seen(town, 'shop v2 · went back in production', channel);
      await threadSays(town, second, 'desk is back at v1');
      await threadSays(town, second, 'all run what they ran before');
      expect(await ann.asks('/bake status shop')).toContain('shop v2');
      expect(await ann.asks('/bake history shop')).toContain('till v1 and desk v1');
    }, 60_000);

    it('help and the dialog of a new release name groups, and say who may what of them', async () => {
      await open(mode);
      const all = await ann.asks('/bake help');
      expect(all).toContain('/bake deploy &lt;service or group&gt; &lt;version&gt; &lt;environment&gt;');
      expect(all).toContain('/bake log &lt;service&gt; &lt;version&gt; [stage]');
      expect(all).toContain('The group *shop*: till and desk go to production together, by one yes.');
      const mine = await cyd.asks('/bake help shop');
      expect(mine).not.toContain('/bake log');
      expect(mine).toMatch(/\/bake approve shop[^\n]*\n[^\n]*you may in desk\n/);
      const [, notHis = ''] = mine.split('*Not yours to do:*');
      expect(notHis).toMatch(/\/rollback shop[^\n]*\n[^\n]*these may: <@U0BOB00001>/);
      await ann.says('/bake', channel);
      const dialog = await ann.dialog('Release a service');
      const offered = await ann.hands.suggest({ id: dialog.id }, 'suggest-service', 'sho');
      expect(offered).toMatchObject([{ text: { text: 'shop (till, desk)' }, value: 'shop' }]);
      await ann.hands.choose({ id: dialog.id }, 'suggest-service', 'shop (till, desk)');
      await ann.hands.submit({ id: dialog.id }, {});
      const card = await seen(town, 'shop v1 · waits for approval for production', channel);
      expect(await bob.asks('/bake approve till')).toContain('with its group *shop*: `/bake approve shop`');
      await button(town, card, 'approve-group');
    }, 60_000);

    it('a group is rejected with a reason, asked for again, and cancelled', async () => {
      await open(mode);
      await ann.asks('/bake shop one', channel);
      const card = await seen(town, 'shop v1 · waits for approval', channel);
      await bob.presses(await button(town, card, 'reject-group'), 'reject-group');
      const dialog = await bob.dialog('Reject the deployment');
      await bob.hands.submit({ id: dialog.id }, { reason: { text: 'the menu is wrong' } });
      await seen(town, 'shop v1 · came to nothing for production', channel);
      await threadSays(town, card, '☑️ *shop v1* for *production* came to nothing: till is rejected');
      await ann.presses(await button(town, card, 'deploy-group'), 'deploy-group');
      await seen(town, 'shop v1 · waits for approval', channel);
      await ann.presses(await button(town, card, 'cancel-group'), 'cancel-group');
      await seen(town, 'shop v1 · cancelled', channel);
      expect(await ann.asks('/rollback shop')).toContain('Nothing of shop can be rolled back together now');
      expect(await ann.asks('/bake lock shop production a look')).toContain('is a group of services');
    }, 60_000);

    it('one of them that fails takes those before it back, and the card says so', async () => {
      await open(mode);
      for (const name of ['one', 'two']) {
        await ann.asks(`/bake shop ${name}`, channel);
        const card = await seen(town, `shop v${name === 'one' ? 1 : 2} · waits for approval`, channel);
        if (name === 'two')
          town.world.say = ({ kind, effect }) =>
            kind === 'launch' && effect.includes('desk.production')
              ? { is: 'failed', failure: { fault: 'quota', sentence: 'no room' } }
              : undefined;
        await cyd.presses(await button(town, card, 'approve-group'), 'approve-group');
        await agreed(card, `desk v${name === 'one' ? 1 : 2}`);
        await bob.presses(await button(town, card, 'approve-group'), 'approve-group');
        if (name === 'one') await seen(town, 'shop v1 · live in production', channel);
      }
      const failed = await seen(town, 'shop v2 · went back in production', channel);
      expect(readable(failed)).toContain('*desk v2* is failed: nothing later begins');
      await threadSays(town, failed, 'till is back at v1');
    }, 60_000);
  });
