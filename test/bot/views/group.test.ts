import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '../../../src/bot/views/button-value.ts';
import { deploymentButtons, releaseButtons } from '../../../src/bot/views/buttons.ts';
import { groupButtons } from '../../../src/bot/views/group-buttons.ts';
import { groupCard } from '../../../src/bot/views/group-card.ts';
import { groupHistory } from '../../../src/bot/views/group-history.ts';
import { groupNote } from '../../../src/bot/views/group-note.ts';
import { shorter } from '../../../src/bot/views/limits.ts';
import { groupEventsOf, groupViews } from '../../support/group-views.ts';
import { deployment, noon, release, wait } from '../../support/sample.ts';
import { brokenLimits, readable } from '../../support/slack-limits.ts';

const runs = { numRuns: 300 };
const dangers = (drawing: { text: string; blocks: object[] }): string[] =>
  `${drawing.text}${JSON.stringify(drawing.blocks)}`.match(/<!(channel|here|everyone)|&(?!amp;|lt;|gt;)/g) ??
  [];

describe('what is drawn of a group', () => {
  it('breaks no limit of Slack on its card, whatever state it shows', () => {
    fc.assert(
      fc.property(groupViews, (view) => {
        const card = groupCard(view);
        for (const drawing of [card, shorter(card)]) {
          expect(brokenLimits(drawing)).toEqual([]);
          expect(dangers(drawing)).toEqual([]);
        }
        for (const { value } of groupButtons(view)) expect(encode(value).length).toBeLessThanOrEqual(2000);
      }),
      runs,
    );
  });

  it('breaks none in its thread and its history either', () => {
    fc.assert(
      fc.property(groupViews, (view) => {
        for (const event of groupEventsOf(view)) {
          const note = groupNote(event, view);
          if (note === undefined) continue;
          expect(brokenLimits(note)).toEqual([]);
          expect(dangers(note)).toEqual([]);
        }
        expect(brokenLimits(groupHistory(view.release.group, Array(20).fill(view)))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('always says what comes next, and names every service in order', () => {
    fc.assert(
      fc.property(groupViews, (view) => {
        const words = readable(groupCard(view));
        expect(words).toContain('Next:');
        const places = view.members.map(
          ({ service }, index) => words.indexOf(`${index + 1}. `) >= 0 && service,
        );
        expect(places).toEqual(view.members.map(({ service }) => service));
      }),
      runs,
    );
  });

  it('says before one of them is cancelled that all are called off with it', () => {
    const goesWith = { group: 'shop', number: 3, environments: ['production'] };
    const making = releaseButtons(release('bake', { goesWith }));
    const waits = deploymentButtons(deployment('approve', { wait: wait('group') }), undefined, {
      suites: [],
      goesWith,
    });
    for (const [cancel] of [making, waits])
      expect(cancel?.confirm?.text).toContain('*All of shop v3* is called off');
    const alone = releaseButtons(release('bake', { goesWith: { ...goesWith, over: true } }));
    expect(alone[0]?.confirm?.text).not.toContain('shop');
  });

  it('offers no retry of one alone that failed together with others', () => {
    const goesWith = { group: 'shop', number: 3, environments: ['production'], over: true as const };
    const failure = { stage: 'launch', fault: 'quota' as const, sentence: 's', at: noon };
    const failed = deployment('launch', { state: 'failed', failure });
    const ids = (of: object) =>
      deploymentButtons(failed, undefined, { suites: [], ...of }).map(({ id }) => id);
    expect(ids({ goesWith })).not.toContain('retry-deployment');
    expect(ids({})).toContain('retry-deployment');
  });
});
