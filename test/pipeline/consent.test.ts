import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actorKey } from '../../src/pipeline/domain/actor.ts';
import type { PipelineCommand } from '../../src/pipeline/domain/command.ts';
import { type holders, make, move, rules, type Said } from '../support/consent-moves.ts';
import { mayDo, wrongs } from '../support/consent-wrongs.ts';
import { CoreWorld } from '../support/core-world.ts';

/** CI repeats itself; `BAKERY_PROPERTY_SEED=$RANDOM` looks elsewhere. */
const seeded = { seed: Number(process.env.BAKERY_PROPERTY_SEED ?? 20_261_125) };

const rightOf: Partial<Record<PipelineCommand['do'], keyof typeof holders>> = {
  approve: 'approve',
  reject: 'approve',
  'roll back': 'rollback',
  lock: 'lock',
  unlock: 'lock',
  freeze: 'lock',
  unfreeze: 'lock',
  revoke: 'lock',
  override: 'override',
};

const setting = fc.record({
  approvals: fc.constantFrom(1, 2),
  whenNewer: fc.constantFrom('ask' as const, 'queue' as const, 'keep' as const, 'replace' as const),
  oneOf: fc.constantFrom<string[]>([], ['T1/SREL']),
  /** Whether the files change, and Bakery sleeps, in between. */
  changing: fc.constantFrom(true, false, false, false),
});

describe('whatever people press, in whatever order', () => {
  it('nothing goes live without the approvals that it needed for that digest at that moment', async () => {
    let launched = 0;
    let retried = 0;
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        setting,
        fc.array(move, { minLength: 40, maxLength: 100 }),
        async ({ approvals, whenNewer, oneOf, changing }, all) => {
          const moves = changing ? all : all.filter(({ does }) => does !== 'ask for' && does !== 'sleep');
          const world = new CoreWorld(rules(approvals, whenNewer, oneOf));
          const said: Said = { asked: [], windows: [] };
          for (const [index, step] of moves.entries()) await make(world, step, index, said);
          await world.run(60_000);
          expect(wrongs(world, said)).toEqual([]);
          for (const type of world.eventTypes()) seen.add(type);
          retried += world
            .trail()
            .filter(
              ({ command, outcome }) => command === 'retry deployment' && outcome === 'accepted',
            ).length;
          launched += world
            .deploymentIds()
            .map((id) => world.deployment(id))
            .filter(({ environment: place, wentLive }) => place === 'production' && wentLive).length;
        },
      ),
      { ...seeded, numRuns: Number(process.env.BAKERY_PROPERTY_RUNS ?? 100) },
    );
    // The moves reach what they are about.
    expect(launched).toBeGreaterThan(20);
    expect(retried).toBeGreaterThan(10);
    expect(seen).toContain('ApprovalsVoided');
  }, 120_000);

  it('every accepted command was asked by one who held the right, and the trail names the role', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 30 }), async (moves) => {
        const world = new CoreWorld(rules(1, 'ask', []));
        const said: Said = { asked: [], windows: [] };
        for (const [index, step] of moves.entries()) await make(world, step, index, said);
        for (const { command, by, outcome, grants } of world.trail()) {
          const right = command === 'ask' ? undefined : rightOf[command];
          if (outcome !== 'accepted' || right === undefined) continue;
          expect(mayDo(by, right), `${actorKey(by)} ${command}`).toBe(true);
          expect(grants.some((grant) => grant.right === right)).toBe(true);
        }
      }),
      { ...seeded, numRuns: 30 },
    );
  }, 120_000);
});
