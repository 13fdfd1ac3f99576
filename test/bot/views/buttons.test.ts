import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spoken } from '../../../src/bot/views/button.ts';
import { decode, encode } from '../../../src/bot/views/button-value.ts';
import { deploymentButtons, releaseButtons } from '../../../src/bot/views/buttons.ts';
import { deploymentCard } from '../../../src/bot/views/deployment-card.ts';
import { note } from '../../../src/bot/views/note.ts';
import {
  bob,
  deployment,
  deploymentView,
  noon,
  policy,
  release,
  serving,
  slot,
  texts,
  wait,
} from '../../support/sample.ts';
import { readable } from '../../support/slack-limits.ts';

const ids = (buttons: { id: string }[]): string[] => buttons.map(({ id }) => id);
const failure = { stage: 'launch', fault: 'unhealthy' as const, sentence: 'why', at: noon };

describe('buttons are there only while they can be used', () => {
  it('a release can be cancelled while it runs, not while it stops', () => {
    expect(ids(releaseButtons(release('build')))).toEqual(['cancel-release']);
    expect(releaseButtons(release('build', { state: 'stopping' }))).toEqual([]);
    expect(releaseButtons(release('done'))).toEqual([]);
  });

  it('a decision is offered only while an approval is waited for', () => {
    const waiting = deployment('approve', { wait: wait('approval') });
    expect(ids(deploymentButtons(waiting, undefined))).toEqual(['approve', 'reject', 'cancel-deployment']);
    expect(ids(deploymentButtons(deployment('approve'), undefined))).toEqual(['cancel-deployment']);
    expect(deploymentButtons({ ...waiting, state: 'rejected' }, undefined)).toEqual([]);
  });

  it('a deployment can be cancelled until traffic moves, and rolled back from then on', () => {
    const still = deployment('cut-over', { old: serving(1) });
    expect(ids(deploymentButtons(still, undefined))).toEqual(['cancel-deployment']);
    // Behind the balancer it is shifted to at once: nobody knows whether that has happened yet.
    expect(ids(deploymentButtons({ ...still, admitted: true }, undefined))).toEqual(['roll-back']);
    expect(ids(deploymentButtons({ ...still, share: 10 }, undefined))).toEqual(['roll-back']);
  });

  it('a failed one that serves on, since nothing else does, says so and can be rolled back', () => {
    const undone = { old: serving(1), admitted: true, share: 25, state: 'undoing' as const, failure };
    const going = deployment('cut-over', undone);
    expect(deploymentButtons(going, undefined)).toEqual([]);
    const stuck = { ...going, done: [`undo.shift.${going.id}`] };
    expect(ids(deploymentButtons(stuck, undefined))).toEqual(['roll-back']);
    expect(readable(deploymentCard(deploymentView({ deployment: stuck })))).toContain(
      'v1 does not take the traffic of production back, so v2 serves on until something else does.',
    );
    expect(deploymentButtons({ ...stuck, relieved: true }, undefined)).toEqual([]);
    const { id, service, environment, version } = stuck;
    const about = { service, environment, version, deployment: id };
    const told = (effect: string) =>
      readable(
        note({
          event: { type: 'DeploymentLeftOver', ...about, failure, effect },
          ...{ at: noon, policy, texts, deployment: stuck },
        }) ?? { text: '', blocks: [] },
      );
    expect(told(`undo.shift.${id}`)).toContain('Until something else serves, *hello v2* stays.');
    expect(told(`undo.launch.${id}`)).toContain('could not be removed');
  });

  it('the old one can be retired once, by whoever is first', () => {
    const waiting = deployment('retire', { wait: wait('retire'), old: serving(1) });
    expect(ids(deploymentButtons(waiting, undefined))).toContain('retire');
    expect(ids(deploymentButtons({ ...waiting, retireRequestedBy: bob }, undefined))).not.toContain('retire');
  });

  it('only what is live can be rolled back, and only to something older', () => {
    const live = deployment('done', { old: serving(1) });
    const here = slot('production', { live: serving(2, live.id) });
    expect(ids(deploymentButtons(live, here))).toEqual(['roll-back']);
    expect(deploymentButtons(live, slot('production', { live: serving(3, 'other') }))).toEqual([]);
    expect(deploymentButtons({ ...live, kind: 'rollback' }, here)).toEqual([]);
    const { old: _, ...first } = live;
    expect(deploymentButtons(first, here)).toEqual([]);
  });

  it('what may not be launched any more is no way back, and the card says so', () => {
    const live = deployment('done', { old: serving(1) });
    const here = { ...slot('production', { live: serving(2, live.id) }), unlaunchable: [1] };
    expect(deploymentButtons(live, here)).toEqual([]);
    expect(
      readable(deploymentCard(deploymentView({ deployment: live, slots: { production: here } }))),
    ).toContain('There is no going back to v1');
    const waiting = deployment('retire', { wait: wait('retire'), old: serving(1) });
    const both = {
      ...slot('production', { live: serving(2, waiting.id), beside: serving(1) }),
      unlaunchable: [1],
    };
    expect(ids(deploymentButtons(waiting, both))).toEqual(['retire']);
  });

  it('what does not work with the database any more is no way back, and the card says so', () => {
    const live = deployment('done', { old: serving(1) });
    const here = { ...slot('production', { live: serving(2, live.id) }), floor: { version: 2, by: 2 } };
    expect(deploymentButtons(live, here)).toEqual([]);
    expect(
      readable(deploymentCard(deploymentView({ deployment: live, slots: { production: here } }))),
    ).toContain('says that nothing before v2 works with it');
  });

  it('a failed deployment can be retried from the stage that failed', () => {
    const failed = deployment('launch', { state: 'failed', failure });
    expect(deploymentButtons(failed, undefined)).toMatchObject([
      { id: 'retry-deployment', value: { stage: 'launch' } },
    ]);
  });
});

describe('what a screen reader says of a button', () => {
  it('is cut in its longest word where it is too long, so that version and environment stay', () => {
    const service = 'a-service-with-a-name-that-is-as-long-as-names-may-ever-be';
    const long = spoken(`Approve ${service} v42 for production-europe`);
    expect(long).toHaveLength(75);
    expect(long).toMatch(/^Approve a-service-.*… v42 for production-europe$/);
    expect(spoken('Approve hello v2 for production')).toBe('Approve hello v2 for production');
  });
});

describe('what a button carries', () => {
  it('comes back as it was', () => {
    const value = { service: 'hello', version: 2, environment: 'production', stage: 'launch', ref: 'v2' };
    expect(decode(encode(value))).toEqual(value);
  });

  it('is refused when it is not ours, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const value = decode(text);
        if (value !== undefined) expect(typeof value.service).toBe('string');
      }),
    );
    expect(decode('{"s":"hello","v":"2"}')).toBeUndefined();
    expect(decode(undefined)).toBeUndefined();
  });
});
