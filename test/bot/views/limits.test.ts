import fc from 'fast-check';
import { expect, it } from 'vitest';
import { drawn } from '../../../src/bot/views/blocks.ts';
import {
  environmentChoices,
  rollbackChoices,
  rollbackConfirm,
  versionOrRef,
} from '../../../src/bot/views/choices.ts';
import { deploymentCard } from '../../../src/bot/views/deployment-card.ts';
import type { Drawn } from '../../../src/bot/views/drawn.ts';
import { asModal, releaseForm, rollBackForm, working } from '../../../src/bot/views/forms.ts';
import { help } from '../../../src/bot/views/help.ts';
import { history } from '../../../src/bot/views/history.ts';
import { clip, shorter } from '../../../src/bot/views/limits.ts';
import { logView } from '../../../src/bot/views/log-view.ts';
import { note } from '../../../src/bot/views/note.ts';
import { rejectModal } from '../../../src/bot/views/reject-modal.ts';
import { releaseCard } from '../../../src/bot/views/release-card.ts';
import { status } from '../../../src/bot/views/status.ts';
import { badTime } from '../../../src/bot/views/who.ts';
import { checkView } from '../../../src/slack-simulator/limits/views.ts';
import { words } from '../../support/arbitraries.ts';
import { deploymentViews, noteViews, releaseViews } from '../../support/arbitrary-views.ts';
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

it('no dialog and no question breaks a limit of Slack, whatever is typed or named', () => {
  const text = fc.oneof(words, fc.string({ maxLength: 5_000 })).filter((one) => one !== '');
  fc.assert(
    fc.property(text, text, fc.array(text, { maxLength: 60 }), (service, ref, many) => {
      for (const view of [
        releaseForm({ service, branch: ref }),
        rollBackForm({ service }),
        rejectModal(ref),
        working,
        asModal(drawn(service, [])),
      ])
        checkView(view, 'modal');
      // Labels and values of buttons are plain text: nothing of a mark-up is read there.
      for (const one of [versionOrRef(service, 1, ref), environmentChoices(service, 1, many), badTime(ref)])
        expect(brokenLimits(one)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

it('help breaks no limit of Slack, however many services and people there are', () => {
  const line = fc.record(
    {
      usage: fc.constant('/bake deploy <service>'),
      says: fc.constant('put it somewhere'),
      may: fc.array(words),
      all: fc.boolean(),
      who: fc.array(fc.constantFrom('*', 'T1/UADA', 'T1/SRELEASE'), { maxLength: 300 }),
    },
    { requiredKeys: ['usage', 'says'] },
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), (lines) => expectFit(help(lines))),
    { numRuns: 100 },
  );
});

it('help shows every word whole, however many there are', () => {
  const lines = Array.from({ length: 60 }, (_, at) => ({
    usage: `/bake word${at} <x>`,
    says: 's'.repeat(90),
  }));
  const shown = JSON.stringify(help(lines).blocks);
  for (const { says, usage } of lines)
    expect(shown).toContain(`${usage.replace('<x>', '&lt;x&gt;')}\`\\n${says}`);
});

it('a cut leaves no half of an entity, a mention or a code block', () => {
  expect(clip('&amp;'.repeat(10), 20)).toMatch(/^(&amp;)+…$/);
  expect(clip(`${'x'.repeat(10)}<@U123456>`, 18)).toBe(`${'x'.repeat(10)}…`);
  expect(clip(`\`\`\`\n${'x'.repeat(50)}\n\`\`\``, 30).split('```')).toHaveLength(3);
});
