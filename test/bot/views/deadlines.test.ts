import { describe, expect, it } from 'vitest';
import { deploymentNext } from '../../../src/bot/views/next-step.ts';
import { note } from '../../../src/bot/views/note.ts';
import {
  deployment,
  deploymentView,
  noon,
  policy,
  serving,
  slot,
  texts,
  wait,
} from '../../support/sample.ts';

const tomorrow = noon + 30 * 3_600_000;
/** As Slack writes it in the reader's zone: `Nov 26 at 9:42`, `tomorrow at 9:42`. */
const dayAndTime = `<!date^${tomorrow / 1000}^{date_short_pretty} at {time}|`;

describe('a deadline on another day', () => {
  it('says its day in the note that asks for approval', () => {
    const about = { service: 'hello', environment: 'production', version: 2, deployment: 'd' };
    const event = {
      type: 'DeploymentWaits',
      ...about,
      wait: wait('approval', { until: tomorrow }),
    } as const;
    expect(note({ event, at: noon, policy, texts })?.text).toContain(`until ${dayAndTime}`);
  });

  it.each(['approval', 'soak', 'freeze', 'lock', 'retire', 'next step'] as const)(
    'says its day on the card of what waits for %s',
    (what) => {
      const stage = what === 'retire' ? 'retire' : what === 'approval' ? 'approve' : 'soak';
      const waiting = deployment(stage, { old: serving(1), wait: wait(what, { until: tomorrow }) });
      expect(
        deploymentNext(waiting, deploymentView({ slots: { production: slot('production') } })),
      ).toContain(dayAndTime);
    },
  );
});
