import { describe, expect, it } from 'vitest';
import { home } from '../../../src/bot/views/home.ts';
import type { Asking } from '../../../src/pipeline/domain/rights.ts';
import { deployment, noon, policy, serviceView, wait } from '../../support/sample.ts';
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
});
