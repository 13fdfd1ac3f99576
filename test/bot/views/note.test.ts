import { describe, expect, it } from 'vitest';
import { note } from '../../../src/bot/views/note.ts';
import {
  bob,
  deployment,
  failure,
  noon,
  policy,
  serving,
  stageBegan,
  texts,
  wait,
} from '../../support/sample.ts';
import { readable } from '../../support/slack-limits.ts';

describe('a note in the thread', () => {
  const about = { at: noon, policy, texts };
  const inSlot = { service: 'hello', version: 2, environment: 'production', deployment: 'd' };

  it('calls those who may approve, once, and into the channel', () => {
    const told = note({ ...about, event: { type: 'DeploymentWaits', ...inSlot, wait: wait('approval') } });
    expect(told?.broadcast).toBe(true);
    expect(told?.text).toContain('<@UBOB> or <@UCYD>: *hello v2* waits for your approval for *production*');
  });

  it('sends a failure with its last lines to the channel too', () => {
    const told = note({
      ...about,
      event: { type: 'ReleaseStageFailed', service: 'hello', version: 2, failure },
    });
    expect(told?.broadcast).toBe(true);
    expect(readable(told ?? { blocks: [] })).toContain('but got 500');
  });

  it('tells who rejected it and why, in the thread only', () => {
    const told = note({
      ...about,
      event: { type: 'DeploymentRejected', ...inSlot, by: bob, reason: 'reason' },
    });
    expect(told?.text).toBe('⛔ <@UBOB> rejected *hello v2* for *production*: the migration has to go first');
    expect(told?.broadcast).toBe(false);
  });

  it('says that traffic was moved back, from whom and to whom', () => {
    const told = note({
      ...about,
      deployment: deployment('cut-over', { old: serving(1) }),
      event: { type: 'TrafficReturned', ...inSlot, version: 1 },
    });
    expect(told?.text).toBe('↩️ Traffic in *production* has left v2 by itself and is back on *hello v1*.');
    expect(told?.broadcast).toBe(true);
  });

  it('is not made of what the card says already', () => {
    expect(note({ ...about, event: stageBegan })).toBeUndefined();
  });
});
