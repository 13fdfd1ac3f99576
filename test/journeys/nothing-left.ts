import { afterEach, describe, expect, it } from 'vitest';
import { vocabulary } from '../../src/bot/commands/index.ts';
import { shortcutIds } from '../../src/bot/shortcuts.ts';
import { buttonIds } from '../../src/bot/views/button.ts';
import { formIds } from '../../src/bot/views/forms.ts';
import { ann, open, town } from './cast.ts';
import type { Mode } from './town.ts';
import { walked } from './walker.ts';

/** That all of it was walked; after all others. */
export const nothingLeft = (mode: Mode) =>
  describe(`over ${mode}`, () => {
    afterEach(() => town.close());

    it('nothing is left that nobody walked: every word, button, dialog and shortcut', async () => {
      await open(mode);
      await ann.says('/bake repair hello dev');
      await ann.told();
      await ann.says('/bake output hello dev');
      await ann.told();
      await ann.says('/bake reaper');
      await ann.told();
      const all = [
        ...vocabulary.words.map(({ name }) => `word ${name}`),
        ...buttonIds.map((id) => `button ${id}`),
        ...formIds.map((id) => `form ${id}`),
        ...shortcutIds.map((id) => `shortcut ${id}`),
      ];
      expect(all.filter((one) => !walked.has(one))).toEqual([]);
    });
  });
