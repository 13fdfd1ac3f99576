import { describe, expect, it } from 'vitest';
import { deploymentCard } from '../../../src/bot/views/deployment-card.ts';
import { releaseCard } from '../../../src/bot/views/release-card.ts';
import { status } from '../../../src/bot/views/status.ts';
import {
  bob,
  deployment,
  deploymentView,
  environment,
  failure,
  noon,
  release,
  releaseView,
  serviceView,
  serving,
  slot,
  wait,
} from '../../support/sample.ts';
import { buttonsOf, labels, readable } from '../../support/slack-limits.ts';

describe('the card of a release', () => {
  const verifying = releaseView({
    release: release('verify'),
    expected: { build: 10_000, bake: 10_000, candidate: 10_000, verify: 40_000, promote: 1000 },
    tasks: [{ stage: 'verify', kind: 'verify', tries: 1, note: 'npm run functional', deadline: noon }],
  });

  it('says at one glance what it is doing, how far it is and that nothing is to be pressed', () => {
    const card = releaseCard(verifying);
    const words = readable(card);
    expect(words).toContain('🔄 hello v2 · being verified');
    expect(words).toContain('*Next:* Nothing to press');
    expect(labels(card)).toEqual(['Cancel']);
    expect(card).toMatchObject({ moving: true, final: false, needsPerson: false });
  });

  it('draws its stages as a plan with state, time, usual time and what is being done', () => {
    const plan = releaseCard(verifying).blocks.find(({ type }) => type === 'plan');
    expect(plan).toMatchObject({
      title: 'Release · 3 of 5 stages · 1m so far, usually 1m 11s',
      tasks: [
        { task_id: 'hello.v2.build', title: 'build · 10s', status: 'complete' },
        { title: 'bake · 10s', status: 'complete' },
        { title: 'candidate · 10s', status: 'complete' },
        { title: 'verify · 30s · usually 40s', status: 'in_progress' },
        { title: 'promote · usually 1s', status: 'pending' },
      ],
    });
    expect(JSON.stringify(plan)).toContain('"text":"Now: npm run functional (attempt 2)"');
  });

  it('draws the same stages as lines for clients that know no plan', () => {
    const card = releaseCard(verifying, 'sections');
    expect(card.blocks.some(({ type }) => type === 'plan')).toBe(false);
    const words = readable(card);
    expect(words).toContain('▰▰▰▰▰▰▰▰▱▱ 3 of 5 stages · 1m so far, usually 1m 11s');
    expect(words).toContain('✅ build 10s');
    expect(words).toContain('🔄 *verify* 30s (running)  ›  ⚪ promote (waiting)');
    expect(words).toContain('Now: `npm run functional` (attempt 2)');
  });

  it('shows commit, author and who asked, with outside text made harmless', () => {
    const words = readable(releaseCard(releaseView()));
    expect(words).toContain('*Greet in Italian &lt;b&gt;&amp; more&lt;/b&gt;*');
    expect(words).toContain('Ann Baker · `abc1234` on `main` · asked for by <@UANN>');
  });

  it('shows how many tests passed and which failed', () => {
    const suites = [
      { name: 'functional', passed: 40, failed: 0, failures: [], of: 2 },
      { name: 'regression', passed: 1, failed: 1, failures: ['greets politely'], of: 1 },
    ];
    const words = readable(
      releaseCard(releaseView({ release: release('verify', { state: 'failed', failure, suites }) })),
    );
    expect(words).toContain('*41 of 42 tests passed* · functional 40/40, regression (of v1) 1/2');
    expect(words).toContain('*Failed:* regression (of v1): “greets politely”');
  });

  it('says why it failed with the last lines, that nothing live was touched, and offers the retry', () => {
    const card = releaseCard(releaseView({ release: release('verify', { state: 'failed', failure }) }));
    expect(card.text).toBe('hello v2: failed in verify. the command “npm test” ended with 1');
    const words = readable(card);
    expect(words).toContain('❌ hello v2 · failed in verify');
    expect(words).toContain('```\nexpected 200\nbut got 500\n```');
    expect(words).toContain('Nothing that is live was touched.');
    expect(labels(card)).toEqual(['Retry from here']);
    expect(card).toMatchObject({ needsPerson: true, final: true, moving: false });
  });

  it('names who may approve, until when, and offers the decision with the exact digest', () => {
    const waiting = deployment('approve', { wait: wait('approval') });
    const card = releaseCard(releaseView({ deployments: [waiting] }));
    expect(readable(card)).toContain('✋ hello v2 · waits for approval for production');
    expect(readable(card)).toContain('Who may: <@UBOB> or <@UCYD>. Open until <!date^');
    expect(labels(card)).toEqual(['Approve', 'Reject…', 'Cancel']);
    const [approve] = buttonsOf(card);
    expect(approve?.confirm?.text.text).toContain(
      '*hello v2* goes to *production* with image `sha256:aaaaaaaaaaaa`',
    );
    expect(JSON.parse(approve?.value ?? '')).toMatchObject({ i: waiting.image.digest });
    expect(card).toMatchObject({ needsPerson: true, moving: false, final: false });
  });

  it('says while a lock holds that a yes is refused, by whom, why, and who ends it', () => {
    const lock = { by: bob, since: noon, until: noon + 60_000, reason: 'reason', nagAt: noon + 60_000 };
    const slots = { production: slot('production', { lock }) };
    const waiting = deployment('approve', { wait: wait('approval') });
    const said =
      /\*production\* is locked by <@UBOB> until .*: the migration has to go first\. \*Approve\* is refused/;
    expect(readable(releaseCard(releaseView({ deployments: [waiting], slots })))).toMatch(said);
    expect(readable(deploymentCard(deploymentView({ deployment: waiting, slots })))).toMatch(said);
    expect(readable(status([serviceView({ slots })]))).toContain('🔒 locked by <@UBOB> until');
  });

  it('counts approvals when more than one is needed', () => {
    const plan = environment('production', { approvals: 2 });
    const one = { by: bob, at: noon, image: 'i', settings: 's' };
    const waiting = deployment('approve', { wait: wait('approval'), plan, approvals: [one] });
    const words = readable(releaseCard(releaseView({ deployments: [waiting] })));
    expect(words).toContain('1 of 2 approvals (by <@UBOB>)');
  });

  it('draws the share of traffic while it moves', () => {
    const moving = deployment('cut-over', { share: 30, old: serving(1) });
    const card = releaseCard(
      releaseView({ deployments: [moving], slots: { production: slot('production', { live: serving(1) }) } }),
    );
    expect(readable(card)).toContain('🔀 hello v2 · taking traffic in production (30 %)');
    expect(readable(card)).toContain('v2 *30 %* ███░░░░░░░ 70 % v1');
    expect(labels(card)).toEqual(['Roll back production to v1']);
  });

  it('says while it is watched that a failure goes back by itself, by the clock of the reader', () => {
    const soaking = deployment('soak', { share: 100, old: serving(1), wait: wait('soak'), wentLive: true });
    const words = readable(releaseCard(releaseView({ deployments: [soaking] })));
    expect(words).toContain('👀 hello v2 · live in production, being watched');
    expect(words).toContain('If it fails, traffic goes back to v1 by itself.');
  });

  it('offers to retire the old one and says that going back takes seconds until then', () => {
    const old = serving(1);
    const waiting = deployment('retire', { wait: wait('retire'), old, wentLive: true, share: 100 });
    const card = releaseCard(
      releaseView({
        deployments: [waiting],
        slots: { production: slot('production', { live: serving(2, waiting.id), beside: old }) },
      }),
    );
    expect(readable(card)).toContain('v1 still runs, so going back takes seconds');
    expect(labels(card)).toEqual(['Retire old (v1)', 'Roll back production to v1']);
    expect(buttonsOf(card)[1]?.confirm?.text.text).toContain('takes seconds');
  });

  it('is final once live everywhere, with who approved it and how many requests failed', () => {
    const live = deployment('done', {
      approvals: [{ by: bob, at: noon, image: 'i', settings: 's' }],
      traffic: { requests: 12_345, failed: 0 },
      endedAt: noon,
    });
    const card = releaseCard(
      releaseView({
        deployments: [live],
        slots: { production: slot('production', { live: serving(2, live.id) }) },
      }),
    );
    expect(readable(card)).toContain('✅ hello v2 · live in production');
    expect(readable(card)).toContain('approved by <@UBOB> <!date^1795521600^{time}|12:00 UTC>');
    expect(readable(card)).toContain('12,345 requests while traffic moved, none failed');
    expect(card).toMatchObject({ final: true, moving: false, needsPerson: false });
    expect(labels(card)).toEqual([]);
  });

  it('says who stopped it, when, and why where that was said', () => {
    const stages = { ...release('bake').stages, bake: { state: 'cancelled' as const, endedAt: noon } };
    const stopped = release('bake', { state: 'cancelled', stages, cancelledBy: bob, cancelReason: 'reason' });
    const said = readable(releaseCard(releaseView({ release: stopped })));
    expect(said).toMatch(/cancelled by <@UBOB> <!date\^\d+\^\{time\}\|12:00 UTC> · reason: _the migration/);
  });

  it('says who put the rules aside for it, when and why', () => {
    const override = { by: bob, at: noon, reason: 'reason', lifts: ['approvals' as const] };
    const forced = deployment('done', { override });
    const said =
      /by override\* of <@UBOB> <!date\^\d+\^\{time\}\|12:00 UTC>: _the migration has to go first_/;
    expect(readable(releaseCard(releaseView({ deployments: [forced] })))).toMatch(said);
    expect(readable(deploymentCard(deploymentView({ deployment: forced })))).toMatch(said);
  });

  it('says when it was rejected or cancelled', () => {
    const stages = {
      ...deployment('approve').stages,
      approve: { state: 'cancelled' as const, endedAt: noon },
    };
    const said = (how: 'rejected' | 'cancelled') =>
      readable(
        releaseCard(
          releaseView({ deployments: [deployment('approve', { state: how, stages, [`${how}By`]: bob })] }),
        ),
      );
    for (const how of ['rejected', 'cancelled'] as const)
      expect(said(how)).toMatch(new RegExp(`${how} by <@UBOB> <!date\\^\\d+\\^\\{time\\}\\|12:00 UTC>`));
  });

  it('draws the same twice when nothing but the clock went on and nothing moves', () => {
    const waiting = deployment('approve', { wait: wait('approval') });
    const view = releaseView({ deployments: [waiting] });
    expect(releaseCard({ ...view, now: noon + 60_000 })).toEqual(releaseCard(view));
  });

  it('names the environment on buttons when two deployments have some', () => {
    const staging = deployment('launch', { id: 'hello.staging.1', environment: 'staging' });
    const production = deployment('approve', { wait: wait('approval') });
    const card = releaseCard(releaseView({ deployments: [staging, production] }));
    expect(labels(card)).toEqual([
      'Cancel · staging',
      'Approve · production',
      'Reject… · production',
      'Cancel · production',
    ]);
  });
});
