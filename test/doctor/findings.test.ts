import { describe, expect, it } from 'vitest';
import { examine, type Finding } from '../../src/doctor/finding.ts';
import { ledgerFindings } from '../../src/doctor/ledger.ts';
import { lookAtNode } from '../../src/doctor/machine.ts';
import { queueFindings } from '../../src/doctor/queue.ts';
import { balancerFindings, botFindings } from '../../src/doctor/serving.ts';
import { slackClock } from '../../src/doctor/slack.ts';

const now = 10 * 24 * 3_600_000;
const bad = (findings: Finding[]): string[] =>
  findings.filter(({ is }) => is !== 'well').map(({ is, what }) => `${is}: ${what}`);

describe('what the doctor makes of', () => {
  it.each([
    ['20.10.9', 'wrong'],
    ['20.11.0', 'well'],
    ['22.3.1', 'well'],
    ['9.11.0', 'wrong'],
  ])('Node.js %s, where 20.11 is the oldest, is: %s', (version, is) => {
    expect(lookAtNode(version, '20.11').map((finding) => finding.is)).toEqual([is]);
  });

  it('a queue that forgets, a clock that is off, and workers that are silent or of another version', () => {
    const workers = [
      { name: 'a-1', version: '0.2.0', at: now - 10_000 },
      { name: 'b-2', version: '0.1.0', at: now - 10_000 },
      { name: 'c-3', version: '0.2.0', at: now - 600_000 },
    ];
    const look = { server: 'Redis 7.0.15', whenFull: 'allkeys-lru', skew: -3_200, used: true, workers };
    expect(bad(queueFindings(look, '0.2.0', now))).toEqual([
      'wrong: Redis throws keys away when its memory is full (maxmemory-policy allkeys-lru).',
      "wrong: This machine's clock is 3.2 s behind the queue's.",
      'wrong: The worker c-3 was last seen 10 min ago and did not say that it left.',
      'wrong: The worker b-2 runs Bakery 0.1.0, and this is 0.2.0.',
    ]);
    const none = { server: 'PostgreSQL 15.9', skew: 20, used: true, workers: [] };
    expect(bad(queueFindings(none, '0.2.0', now))).toEqual([
      'wrong: No worker has been seen for the last minute and a half.',
    ]);
  });

  it('a ledger that is damaged, and of copies that are old or unknown', () => {
    const look = { schema: 'same', damage: ['row 3 missing from index'], problems: [] } as const;
    expect(bad(ledgerFindings({ ...look, damage: [...look.damage], problems: [] }, now))).toEqual([
      "wrong: The ledger's file is damaged: row 3 missing from index.",
      'advice: No copy of the ledger by `bakery backup` is known here.',
    ]);
    const whole = { schema: 'same' as const, damage: [], problems: [], events: 3 };
    const backup = { at: now - 8 * 24 * 3_600_000, file: '/mnt/copy' };
    expect(bad(ledgerFindings({ ...whole, backup }, now))).toEqual([
      'advice: The newest copy of the ledger that `bakery backup` made is 8 days old (/mnt/copy).',
    ]);
  });

  it('a balancer without healthy members, and a bot that is not ready', () => {
    const slots = [
      { slot: 'hello.dev', port: 7001, members: 2, healthy: 1 },
      { slot: 'hello.production', port: 7003, members: 2, healthy: 0 },
    ];
    expect(bad(balancerFindings('front', { pid: 7, log: '/log', slots }))).toEqual([
      'wrong: None of the 2 members of hello.production behind front is healthy.',
    ]);
    const check = { name: 'slack', ok: false, sentence: 'Slack cannot be reached.' };
    expect(bad(botFindings({ ready: false, checks: [check] }))).toEqual([
      'wrong: The bot is not ready (slack): Slack cannot be reached.',
    ]);
    expect(bad(botFindings('hello'))[0]).toContain('Something that is not Bakery answers');
  });

  it('clocks that are near, far, or not told', () => {
    expect([10_000, 70_000, -400_000, Number.NaN].map((skew) => slackClock(skew).is)).toEqual([
      'well',
      'wrong',
      'wrong',
      'well',
    ]);
  });

  it('what cannot be looked at, or takes too long', async () => {
    const throws = { name: 'disk', look: () => Promise.reject(new Error('it is on fire.')) };
    expect(bad(await examine(throws))).toEqual(['wrong: The disk could not be looked at: it is on fire.']);
    const hangs = { name: 'cloud', look: () => new Promise<Finding[]>(() => {}) };
    expect(bad(await examine(hangs, 20))).toEqual([
      'wrong: The cloud could not be looked at: it took longer than 0.02 s.',
    ]);
  });
});
