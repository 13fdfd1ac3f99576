import { afterEach, describe, expect, it } from 'vitest';
import { buttonsOf, readable } from '../support/slack-limits.ts';
import { builds } from '../support/with-migration.ts';
import { ann, bob, eve, live, open, town } from './cast.ts';
import type { Mode } from './town.ts';
import { button, seen, threadSays, walked } from './walker.ts';

/** How people go back. */
export const goingBack = (mode: Mode) =>
  describe(`over ${mode}`, () => {
    afterEach(() => town.close());

    it('going back lists what can be gone back to and what cannot, and never takes production by itself', async () => {
      await open(mode);
      await live(1, 'one');
      await live(2, 'two');
      await ann.says('/rollback hello');
      const list = await ann.toldMessage();
      expect(readable(list)).toContain('*v1* in *production*');
      expect(readable(list)).toMatch(/warm, it still runs: seconds · released .+ ago · was live for/);
      expect(readable(list)).toContain('v2 is live in dev, production');
      expect(await eve.asks('/rollback hello v1 production')).toContain('You may not roll back hello');
      await ann.says('/rollback hello v1');
      const confirm = await ann.toldMessage();
      expect(buttonsOf(confirm).map(({ text }) => text.text)).toEqual([
        'Roll back dev to v1',
        'Roll back production to v1',
      ]);
      expect(await ann.asks('/rollback hello v9')).toContain('There is no hello v9. Did you mean `v1`?');
      await ann.hands.shortcut('roll-back');
      walked.add('shortcut roll-back');
      const dialog = await ann.dialog('Roll back');
      await ann.hands.choose({ id: dialog.id }, 'suggest-service', 'hello');
      const [production, second] = await ann.hands.suggest(
        { id: dialog.id },
        'suggest-version',
        'production',
      );
      expect(second).toBeUndefined();
      walked.add('form roll-back-form');
      await ann.hands.choose({ id: dialog.id }, 'suggest-version', plain(production?.text));
      await ann.hands.submit({ id: dialog.id }, { reason: { text: 'v2 is slow' } });
      await ann.dialogSays('Going back to hello v1 in production');
      const back = await seen(town, 'Rollback to hello v1 · live in production');
      await threadSays(town, back, 'Reason: v2 is slow');
      expect(await ann.asks('/bake deploy hello v2 production')).toContain('is in quarantine');
      expect(await ann.asks('/bake rollback hello v1 production')).toContain('is live in production already');
    });

    it('past what a migration allows goes who may override, with the word and a reason, and is told what is against it', async () => {
      await open(mode);
      await live(1, 'one');
      await live(2, 'two');
      town.world.say = builds({ argv: ['node', 'migrate.js'], timeout: 60_000, rollbackTo: 2 });
      await ann.says('/bake hello three');
      await ann.told();
      const card = await seen(town, 'hello v3 · waits for approval');
      expect(readable(card)).toContain('Nothing before v2 works with it afterwards');
      await bob.presses(await button(town, card, 'approve'), 'approve');
      await seen(town, 'hello v3 · live in production');
      const said = 'nothing before v2 works with it';
      expect(await ann.asks('/rollback hello')).toContain('does not work with its database any more');
      expect(await ann.asks('/rollback hello v1 production it is slow')).toContain(said);
      expect(await ann.asks('/rollback hello v1 production anyway data restored')).toContain(
        'Who may override can go back to v1',
      );
      expect(await bob.asks('/rollback hello v1 production anyway')).toContain(said);
      expect(await bob.asks('/rollback hello v1 production anyway data restored')).toContain(said);
      const back = await seen(town, 'Rollback to hello v1 · live in production');
      expect(readable(back)).toContain('*by override*');
      expect(await ann.asks('/bake overrides hello')).toMatch(
        /database.*data restored|data restored.*database/s,
      );
    }, 60_000);
  });

const plain = (text: unknown): string => (text as { text: string }).text;
