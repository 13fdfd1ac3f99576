import { describe, expect, it } from 'vitest';
import { home } from '../../../src/bot/views/home.ts';
import { status } from '../../../src/bot/views/status.ts';
import type { Asking } from '../../../src/pipeline/domain/rights.ts';
import { deployment, noon, policy, serviceView, slot, texts, wait } from '../../support/sample.ts';
import { readable } from '../../support/slack-limits.ts';

const waits = deployment('approve', { wait: wait('approval') });
const view = serviceView({
  policy: { ...policy, people: { ...policy.people, approve: ['T1/SREL'] } },
  open: { releases: [], deployments: [waits] },
});
const asking = (groups: string[] | 'unknown'): Asking => ({
  by: { kind: 'person', team: 'T1', user: 'UDAN' },
  verified: { groups: groups === 'unknown' ? groups : { in: groups, askedAt: noon } },
});

/** What stands under "Waiting for you". */
function waitingFor(one: Asking): string {
  const { blocks } = home({ services: [view], recent: [], now: noon }, one);
  return readable({ blocks }).split('Your releases')[0] ?? '';
}

describe('App Home', () => {
  it('shows what waits for somebody through a user group', () => {
    expect(waitingFor(asking(['T1/SREL']))).toContain('hello v2');
  });

  it('shows nothing as waiting for whom Slack does not count to the group', () => {
    expect(waitingFor(asking([]))).toContain('Nothing waits for you.');
    expect(waitingFor(asking('unknown'))).toContain('Nothing waits for you.');
  });

  it('and status say how many services they do not show', () => {
    const { blocks } = home(
      { services: Array.from({ length: 27 }, () => view), recent: [], now: noon },
      asking([]),
    );
    expect(readable({ blocks })).toContain('… and 2 more services');
    expect(readable(status([view, view], undefined, 3))).toContain('… and 3 more services');
    expect(readable(status([view, view]))).not.toContain('more services');
  });

  it('shows each person the locks that he holds, with the button that ends them', () => {
    const lock = { by: asking([]).by, since: noon, until: noon + 3_600_000, reason: 'reason', nagAt: noon };
    const locked = serviceView({
      slots: { production: slot('production', { lock }) },
      texts: { ...texts, reason: 'db <work>' },
    });
    const drawn = (one: Asking) => home({ services: [locked], recent: [], now: noon }, one);
    const his = drawn(asking([]));
    expect(readable(his)).toContain('🔒 *hello* in *production* until');
    expect(readable(his)).toContain('db &lt;work&gt;');
    expect(JSON.stringify(his)).toContain('Unlock hello in production');
    const other = drawn({ by: { kind: 'person', team: 'T1', user: 'UANN' } });
    expect(readable(other)).toContain('You hold no locks.');
    expect(JSON.stringify(other)).not.toContain('Unlock');
  });
});
