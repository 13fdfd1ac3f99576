import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rollbackChoices, rollbackConfirm } from '../../../src/bot/views/choices.ts';
import { deploymentCard } from '../../../src/bot/views/deployment-card.ts';
import type { Drawn } from '../../../src/bot/views/drawn.ts';
import { history } from '../../../src/bot/views/history.ts';
import { clip, shorter } from '../../../src/bot/views/limits.ts';
import { logView } from '../../../src/bot/views/log-view.ts';
import { note } from '../../../src/bot/views/note.ts';
import { releaseCard } from '../../../src/bot/views/release-card.ts';
import { status } from '../../../src/bot/views/status.ts';
import { deploymentViews, noteViews, releaseViews, words } from '../../support/arbitraries.ts';
import { noon, serviceView } from '../../support/sample.ts';
import { brokenLimits } from '../../support/slack-limits.ts';

const runs = { numRuns: 300 };
/** Outside text never becomes a mention of everybody, and no half entity is left by a cut. */
/** In a plan nothing is read as a mark-up. */
const dangers = ({ text, blocks }: Drawn): string[] =>
  `${text}${JSON.stringify(blocks.filter(({ type }) => type !== 'plan'))}`.match(
    /<!(channel|here|everyone)|&(?!amp;|lt;|gt;)/g,
  ) ?? [];

function expectFit(drawing: Drawn): void {
  expect(brokenLimits(drawing)).toEqual([]);
  expect(dangers(drawing)).toEqual([]);
}

it('no release card breaks a limit of Slack, whatever state it shows', () => {
  fc.assert(
    fc.property(releaseViews, (view) => {
      for (const style of ['plan', 'sections'] as const) {
        const card = releaseCard(view, style);
        expectFit(card);
        expectFit(shorter(card));
      }
    }),
    runs,
  );
});

it('no deployment card breaks a limit of Slack, whatever state it shows', () => {
  fc.assert(
    fc.property(deploymentViews, (view) => expectFit(deploymentCard(view))),
    runs,
  );
});

it('no note in a thread breaks a limit of Slack', () => {
  fc.assert(
    fc.property(noteViews, (view) => {
      const drawing = note(view);
      if (drawing !== undefined) expectFit(drawing);
    }),
    runs,
  );
});

it('no answer to one person breaks a limit of Slack', () => {
  fc.assert(
    fc.property(releaseViews, fc.array(words, { maxLength: 50 }), (view, lines) => {
      const many = Array.from({ length: 30 }, () => view.release);
      expectFit(
        history('hello', { releases: many, deployments: view.deployments, texts: view.texts, now: noon }),
      );
      expectFit(logView('hello', 1, { stage: 'build', lines }));
      const open = { releases: many, deployments: view.deployments };
      expectFit(status(Array.from({ length: 40 }, () => serviceView({ open, slots: view.slots }))));
      const candidates = view.deployments.map((one) => ({
        version: one.version,
        environment: one.environment,
        subject: lines[0] ?? '',
        author: lines[1] ?? '',
        age: 1000,
        left: 1000,
        warm: false,
        quarantined: true,
      }));
      expectFit(rollbackChoices('hello', 'Live now: v9', candidates));
      expectFit(rollbackConfirm('hello', candidates));
    }),
    { numRuns: 100 },
  );
});

it('a cut leaves no half of an entity, a mention or a code block', () => {
  expect(clip('&amp;'.repeat(10), 20)).toMatch(/^(&amp;)+…$/);
  expect(clip(`${'x'.repeat(10)}<@U123456>`, 18)).toBe(`${'x'.repeat(10)}…`);
  expect(clip(`\`\`\`\n${'x'.repeat(50)}\n\`\`\``, 30).split('```')).toHaveLength(3);
});
