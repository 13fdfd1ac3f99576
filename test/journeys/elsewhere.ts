import { afterEach, describe, expect, it } from 'vitest';
import { readable } from '../support/slack-limits.ts';
import { until } from '../support/wait-for.ts';
import { ann, bob, eve, live, open, town } from './cast.ts';
import { type Mode, people } from './town.ts';
import { seen, walked } from './walker.ts';

/** The same things away from the cards: App Home and shortcuts. */
export const elsewhere = (mode: Mode) =>
  describe(`over ${mode}`, () => {
    afterEach(() => town.close());

    it('App Home shows what waits for whom, and its buttons do the same with the same checks', async () => {
      await open(mode);
      await live(1, 'one');
      await bob.hands.openHome();
      await ann.hands.openHome();
      const homeOf = (name: keyof typeof people) =>
        readable({ blocks: town.slack.home(people[name])?.blocks ?? [] });
      await until('the homes', () => homeOf('bob').includes('production: v1') && homeOf('ann') !== '', 8_000);
      expect(homeOf('bob')).toContain('Nothing waits for you.');
      await ann.says('/bake hello two');
      await ann.told();
      await until(
        'what waits for bob',
        () => /Waiting for you\n.*hello v2\* waits for approval/.test(homeOf('bob')),
        12_000,
      );
      await until('her own', () => /Your releases\n.*hello v2/.test(homeOf('ann')), 12_000);
      const home = town.slack.home(people.bob);
      if (home === undefined) throw new Error('bob has no home');
      await bob.presses(home, 'approve');
      await bob.dialogSays('You approved hello v2 for production');
      await seen(town, 'hello v2 · live in production');
      await until('the new state', () => homeOf('bob').includes('production: v2'), 12_000);
      await until('the way back', () => homeOf('ann').includes('Roll back production to v1'), 12_000);
      const annsHome = town.slack.home(people.ann);
      if (annsHome === undefined) throw new Error('ann has no home');
      await ann.presses(annsHome, 'retire');
      await ann.dialogSays('v1 is being retired in production');

      await ann.says('/bake lock hello production "db work" for 1h');
      await ann.told();
      await until('her lock', () => /Your locks\n.*hello.*production.*db work/.test(homeOf('ann')), 12_000);
      expect(homeOf('bob')).toContain('You hold no locks.');
      const withLock = town.slack.home(people.ann);
      if (withLock === undefined) throw new Error('ann has no home');
      await ann.presses(withLock, 'unlock');
      await ann.dialogSays('hello is unlocked in production');
      await until('no lock', () => homeOf('ann').includes('You hold no locks.'), 12_000);
    }, 60_000);

    it('a shortcut on a message of a thread shows its card as it is now, with buttons that work', async () => {
      await open(mode);
      await ann.says('/bake hello one');
      await ann.told();
      const card = await seen(town, 'hello v1 · waits for approval');
      await until('a note', () => town.slack.thread('#hello', card.ts).length > 1, 8_000);
      const [, note] = town.slack.thread('#hello', card.ts);
      if (note === undefined) throw new Error('There is no note.');
      walked.add('shortcut about-message');
      await bob.hands.shortcut('about-message', note);
      await bob.dialogSays('hello v1 · waits for approval');
      const dialog = await bob.dialog('Bakery');
      await bob.presses(dialog, 'approve');
      await bob.dialogSays('You approved hello v1 for production');
      await seen(town, 'hello v1 · live in production');
      const other = ann.hands.say('#hello', 'when does it ship?');
      await ann.hands.shortcut('about-message', other);
      await ann.dialog('Release a service');
      await eve.hands.shortcut('release');
      walked.add('shortcut release');
      const form = await eve.dialog('Release a service');
      await eve.hands.choose({ id: form.id }, 'suggest-service', 'hello');
      const wrong = await eve.hands.submit({ id: form.id }, { text: '--upload-pack=evil' });
      expect(wrong.errors).toMatchObject({ ref: expect.stringContaining('Git takes no such name') });
      await eve.hands.submit({ id: form.id }, { text: 'main' });
      await eve.dialogSays('You may not release hello');
    });
  });
