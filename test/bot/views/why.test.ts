import { describe, expect, it } from 'vitest';
import { status } from '../../../src/bot/views/status.ts';
import { why } from '../../../src/bot/views/why.ts';
import type { Deployment, DeploymentStage, Wait } from '../../../src/pipeline/domain/deployment.ts';
import {
  ann,
  bob,
  deployment,
  deploymentView,
  environment,
  noon,
  policy,
  release,
  releaseView,
  serviceView,
  serving,
  slot,
  wait,
} from '../../support/sample.ts';
import { readable } from '../../support/slack-limits.ts';

interface Row {
  stage: DeploymentStage;
  waitsFor: string;
  who: string;
  end: string;
  over?: Partial<Deployment>;
}

/** For every wait that there is: what for, who can move it, and what happens when its time is over. */
const rows: Record<Wait['for'], Row> = {
  approval: {
    stage: 'approve',
    waitsFor: '1 more yes for *production*',
    who: '<@UBOB> or <@UCYD>, but not whoever asked for it, wrote it or pushed it',
    end: 'it expires. Nothing changes',
  },
  freeze: {
    stage: 'approve',
    waitsFor: 'the end of a freeze in *production*',
    who: '`/bake unfreeze hello`',
    end: 'it is asked about anew',
  },
  lock: {
    stage: 'launch',
    waitsFor: 'the end of a lock by <@UBOB> in *production*',
    who: 'its holder with `/bake unlock hello`; `/bake steal` with a reason',
    end: 'the lock ends and this goes on',
  },
  turn: {
    stage: 'approve',
    waitsFor: 'the older one that waits in *production*',
    who: 'whoever decides that one: <@UBOB> or <@UCYD>',
    end: 'it is looked at again',
  },
  group: {
    stage: 'approve',
    waitsFor: 'its group v0, with which v2 goes to *production*: for the others to be ready',
    who: 'whoever approves its group v0',
    end: 'it expires, and the others with it',
  },
  slot: {
    stage: 'launch',
    waitsFor: 'its turn in *production*: for hello.production.1 to end',
    who: 'whoever may retire or roll back there (`/bake retire hello`)',
    end: 'it expires. Nothing changes',
  },
  'next step': {
    stage: 'cut-over',
    waitsFor: 'the pause between two shares of traffic to pass',
    who: 'nobody has to; a rollback stops it',
    end: 'the next share of traffic moves to v2',
  },
  soak: {
    stage: 'soak',
    waitsFor: 'the time to pass in which v2 is watched',
    who: 'nobody has to; a rollback ends it',
    end: 'traffic goes back to v1 by itself',
    over: { old: serving(1) },
  },
  retire: {
    stage: 'retire',
    waitsFor: 'somebody to press *Retire old* (v1 still runs beside it)',
    who: '<@UANN>',
    end: 'the old one is retired by itself',
    over: { old: serving(1) },
  },
};

const taken = slot('production', {
  lock: { by: bob, since: noon, until: noon + 1, reason: 'reason', nagAt: noon + 1 },
  lease: { deployment: 'hello.production.1', epoch: 1, until: noon + 1 },
} as never);

const free = slot('production');

const asked = (one: Deployment, production = taken): string =>
  readable(why(serviceView(), [], [deploymentView({ deployment: one, slots: { production } })]));

describe('/bake why', () => {
  it.each(Object.entries(rows))(
    'says of the wait for %s since when, who can move it, and what happens at its end',
    (what, { stage, waitsFor, who, end, over }) => {
      // The keys of a record lose their type in its entries.
      const one = deployment(stage, { wait: wait(what as Wait['for']), ...over });
      const waiting = asked(one, what === 'approval' ? free : taken);
      expect(waiting).toContain(`Waits for: ${waitsFor}`);
      expect(waiting).toMatch(/, for 5s \(since <!date\^\d+/);
      expect(waiting).toContain(`Who can move it: ${who}`);
      expect(waiting).toMatch(new RegExp(`At <!date\\^${(noon + 600_000) / 1000}[^\n]*: `));
      expect(waiting).toContain(end);
    },
  );

  it('says that an approval is asked for once more, as long as it was not', () => {
    const plan = environment('production', { atDeadline: 'ask again' });
    const first = deployment('approve', { plan, wait: wait('approval') });
    expect(asked(first)).toContain('it is asked for once more');
    expect(asked({ ...first, askedAgainAt: noon })).toContain('it expires.');
  });

  it('says what work is awaited, its step, its attempt and the time that it usually takes', () => {
    const task = {
      id: 't',
      kind: 'bake',
      stage: 'bake',
      tries: 1,
      note: 'step 3 of 9',
      deadline: noon + 60_000,
    };
    const baking = releaseView({
      release: release('bake'),
      tasks: [task] as never,
      expected: { bake: 40_000 },
    });
    const said = readable(why(serviceView(), [baking], []));
    expect(said).toContain('Waits for: *bake*, which usually takes 40s (now `step 3 of 9`), attempt 2');
    expect(said).toContain('*bake* fails, what it made is removed');
  });

  it('says why the old one could not be let go, and that nothing of the new one depends on it', () => {
    const failure = { stage: 'retire', fault: 'denied', sentence: 'no', at: noon } as const;
    const kept = deployment('retire', {
      ...{ wait: wait('retire'), old: serving(1), wentLive: true },
      retireFailed: { hook: 'ticket', failure },
    });
    const view = deploymentView({ deployment: kept, texts: { no: 'No ticket.' } });
    expect(readable(why(serviceView(), [], [view]))).toContain(
      'v1 still runs beside it); when that was tried, the hook *ticket* did not agree. No ticket, for',
    );
    const { wait: _wait, ...asking } = kept;
    expect(asked(asking)).toContain('the old one is kept beside the new one, and it is tried again later.');
    expect(asked({ ...asking, retiringSince: noon })).toContain('*retire* fails; the new one serves on.');
  });

  it('says of what is being undone that nobody has to do anything', () => {
    const said = asked(deployment('launch', { state: 'undoing', requestedBy: ann }));
    expect(said).toContain('for things to be put back as they were');
    expect(said).toContain('what is live in production stays');
  });

  it('says of an approval that a lock holds it up, who ends that, and who approves then', () => {
    const said = asked(deployment('approve', { wait: wait('approval') }));
    expect(said).toMatch(
      /Waits for: the end of a lock by <@UBOB> until .*: the migration has to go first; then for/,
    );
    expect(said).toMatch(/Who can move it: its holder with `\/bake unlock hello`.*; then <@UBOB> or <@UCYD>/);
  });

  it('says what stands still without a card: repairs, leftovers and a restore', () => {
    const service = { service: 'hello', nextVersion: 3, open: [], newest: {} };
    const live = { production: slot('production', { live: serving(1) }) };
    const repairs = { count: 5, at: noon - 5000, stopped: true };
    const stopped = { production: slot('production', { live: serving(1), repairs }) };
    const of = (over: Parameters<typeof serviceView>[0]) => {
      const view = serviceView(over);
      return readable(why(view, [], [])) + readable(status([view]));
    };
    expect(of({ slots: live })).not.toContain('🆘');
    const unrepaired = of({ slots: stopped });
    expect(unrepaired).toContain('say `/bake repair hello production`, for 5s');
    expect(unrepaired).toContain('🆘 *production*: v1');
    expect(unrepaired).not.toContain('✅');
    const reaperStopped = { because: 'too many' as const, found: ['i1'] };
    const unreaped = of({ service: { ...service, reaperStopped } });
    expect(unreaped).toContain(
      'Waits for: somebody to look at what was found, and to say `/bake reaper hello allow`',
    );
    expect(of({ service: { ...service, restoring: 2 } })).toContain('Waits for: a look at what there is');
  });

  it('says of a service at rest that nothing waits', () => {
    const live = serviceView({ policy, slots: { production: slot('production', { live: serving(1) }) } });
    expect(readable(why(live, [], []))).toContain('so it waits for nothing. Live: v1 in production.');
  });
});
