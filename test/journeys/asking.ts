import { afterEach, describe, expect, it } from 'vitest';
import { buttonsOf, readable } from '../support/slack-limits.ts';
import { ann, bob, eve, gus, live, open, town } from './cast.ts';
import type { Mode } from './town.ts';
import { seen, threadSays } from './walker.ts';

/** What people ask, rightly and nearly rightly. */
export const asking = (mode: Mode) =>
  describe(`over ${mode}`, () => {
    afterEach(() => town.close());

    it('words that are nearly right, and words that are not theirs, get a sentence', async () => {
      await open(mode);
      expect(await ann.asks('/bake helo')).toContain('Did you mean `/bake hello`?');
      expect(await ann.asks('/bake staus')).toContain('Did you mean `/bake status`?');
      expect(await ann.asks('/bake status hastyy')).toContain('Did you mean `hasty`?');
      expect(await ann.asks('/bake deploy hello v1')).toContain(
        'Where to? Its environments are `dev`, `production`',
      );
      expect(await ann.asks('/bake hello nowhere')).toContain('has no branch, tag or commit');
      expect(await eve.asks('/bake hello one')).toContain('You may not release hello');
      expect(await gus.asks('/bake hello one')).toContain('Guests cannot do this');
      const mine = await ann.asks('/bake help hello');
      expect(mine).toContain('/bake hotfix');
      const [, notHers = ''] = (await eve.asks('/bake help hello')).split('*Not yours to do:*');
      expect(notHers).toContain('/bake hotfix');
      expect(await ann.asks('/bake retire hello')).toContain('No old release of hello waits to be retired');
      expect(await ann.asks('/bake log hello v7')).toContain('There is no hello v7');
      expect(await ann.asks('/bake diff hello v1 v7')).toContain('There is no hello v1');
      expect(await ann.asks('/bake status')).toContain('hasty');
    });

    it('a version that may be a tag too is asked about, and goes where a person says', async () => {
      await open(mode);
      await live(1, 'one');
      await ann.says('/bake hello v1');
      const question = await ann.toldMessage();
      await ann.presses(question, 'choose-environment');
      const where = await ann.toldInstead(question);
      expect(buttonsOf(where).map(({ text }) => text.text)).toEqual([
        'Deploy to dev',
        'Deploy to production',
      ]);
      await ann.presses(where, 'deploy');
      expect(readable(await ann.toldInstead(where))).toContain('v1 is live in dev already');
      await ann.says('/bake hello v1');
      const again = await ann.toldMessage();
      await ann.presses(again, 'bake-ref');
      expect(readable(await ann.toldInstead(again))).toContain('hello v2 is on its way');
    });

    it('images are shown with why each is kept, and one is pinned by a word', async () => {
      await open(mode);
      await live(1, 'one');
      expect(await ann.asks('/bake images hello')).toContain('live in');
      expect(await ann.asks('/bake keep hello v1')).toContain('is kept until somebody says otherwise');
      expect(await ann.asks('/bake images hello')).toContain('none goes tonight');
    }, 60_000);

    it('traces are shown to who may see them, who asks, and to nobody else in the channel', async () => {
      await open(mode);
      await live(1, 'one');
      const card = await seen(town, 'hello v1 · live in production');
      expect(JSON.stringify(card)).not.toContain('traces.example.test');
      expect(readable(card)).toContain('Traces: `/bake trace hello v1`');
      expect(await ann.asks('/bake trace hello v1')).toContain('You may not see the traces of hello.');
      const told = await bob.asks('/bake trace hello v1');
      expect(told).toContain('<https://traces.example.test/hello.v1|hello.v1>');
      expect(told).toContain('<https://traces.example.test/hello.production.1|hello.production.1>');
      expect(await bob.asks('/bake trace hello v9')).toContain('There is no hello v9');
      await ann.says('/bake hasty one');
      const openToAll = await seen(town, 'hasty v1', '#hasty');
      expect(JSON.stringify(openToAll)).toContain('https://traces.example.test/hasty.v1');
    }, 60_000);

    it('what a live instance wrote is read by a word, into the thread of its card', async () => {
      await open(mode);
      await live(1, 'one');
      const card = await seen(town, 'hello v1 · live in production');
      expect(await ann.asks('/bake output hello production')).toContain('come into the thread of its card');
      await threadSays(town, card, 'What *hello v1* wrote last in *production*');
    }, 60_000);
  });
