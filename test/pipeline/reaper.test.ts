import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { removedNote } from '../../src/bot/views/notice.ts';
import { reapLines } from '../../src/cli/reap.ts';
import { tableRows } from '../../src/ledger/rows.ts';
import { messages } from '../../src/ledger/schema.ts';
import { reportLeftovers } from '../../src/pipeline/leftovers-report.ts';
import { CoreWorld } from '../support/core-world.ts';
import { FaultyWorld, make, move, seeded, wanted } from '../support/moves.ts';
import { ada, policy } from '../support/policies.ts';

/** A world in which v1 and v2 went live in production, and v1 still runs beside it. */
async function twoLive(): Promise<CoreWorld> {
  const world = new CoreWorld();
  for (const name of ['one', 'two']) {
    await world.push(name);
    await world.run(60_000);
    const id = world.slot('production').open.find((open) => world.deployment(open).wait?.for === 'approval');
    await world.approve(id ?? '');
    await world.run(60_000);
  }
  return world;
}

const messagesOf = (world: CoreWorld) => world.file.db.select().from(messages).all();

describe('the reaper', () => {
  it('removes what carries our mark and belongs to nothing within a minute', async () => {
    const world = await twoLive();
    const stray = world.stray();
    await world.upkeep(60_000);
    expect(world.running.has(stray)).toBe(false);
  });

  it('leaves alone what is live, beside it, or a task at work', async () => {
    const world = await twoLive();
    const before = new Set(world.running);
    expect(world.slot('production').beside?.version).toBe(1);
    await world.upkeep(5 * 60_000);
    expect(world.running).toEqual(before);
  });

  it('leaves alone what another installation made', async () => {
    const world = await twoLive();
    const foreign = world.stray({ owner: 'somebody else' });
    await world.upkeep(120_000);
    expect(world.running.has(foreign)).toBe(true);
  });

  it('leaves alone what a service made that is not configured any more', async () => {
    const world = await twoLive();
    const foreign = world.stray({ service: 'forgotten' });
    await world.upkeep(120_000);
    expect(world.running.has(foreign)).toBe(true);
  });

  it('leaves alone what carries the epoch of a lease that is held', async () => {
    const world = await twoLive();
    world.say = ({ kind }) => (kind === 'watch' ? 'hang' : undefined);
    await world.push('three');
    await world.run(60_000);
    await world.do({ do: 'retire', service: 'hello', deployment: 'hello.production.2', by: ada });
    await world.run(60_000);
    await world.approve(
      world.slot('production').open.find((id) => world.deployment(id).wait?.for === 'approval') ?? '',
    );
    await world.run(20_000);
    const { lease } = world.slot('production');
    expect(lease).toBeDefined();
    const made = world.stray({ epoch: lease?.epoch ?? 0 });
    const older = world.stray({ epoch: (lease?.epoch ?? 0) - 1 });
    await world.upkeep(60_000);
    expect([made, older].map((id) => world.running.has(id))).toEqual([true, false]);
  });

  it('removes nothing and asks a person when one of them has traffic', async () => {
    const world = await twoLive();
    const used = world.stray();
    const idle = world.stray();
    world.weights.set('hello.production', { ...world.weights.get('hello.production'), [used]: 10 });
    await world.upkeep(60_000);
    expect([used, idle].every((id) => world.running.has(id))).toBe(true);
    expect(tableRows(world.file.db).service('hello')?.reaperStopped?.because).toBe('in use');
    expect(messagesOf(world).filter(({ content }) => content.kind === 'notice')).toHaveLength(1);
  });

  it('removes nothing and asks a person when it would be most of what there is', async () => {
    const world = await twoLive();
    const strays = Array.from({ length: 9 }, () => world.stray());
    await world.upkeep(60_000);
    expect(strays.every((id) => world.running.has(id))).toBe(true);
    expect(tableRows(world.file.db).service('hello')?.reaperStopped?.because).toBe('too many');
    await world.do({ do: 'allow reaper', service: 'hello', by: ada });
    // What a person has looked at goes, however much it is.
    await world.upkeep(60_000);
    expect(strays.some((id) => world.running.has(id))).toBe(false);
  });

  it('removes nothing while most of what should run carries no mark that is found', async () => {
    const world = await twoLive();
    const stray = world.stray();
    for (const id of world.running) if (id !== stray) world.marks.delete(id);
    await world.upkeep(120_000);
    expect(world.running.has(stray)).toBe(true);
  });

  it('tells the channel once a day what it removed', async () => {
    const world = await twoLive();
    const strays = [world.stray(), world.stray()];
    await world.upkeep(60_000);
    const third = world.stray();
    await world.upkeep(60_000);
    const told = messagesOf(world).filter(({ content }) => content.kind === 'removed');
    expect(told).toHaveLength(1);
    const [{ content, notBefore } = { content: undefined, notBefore: 0 }] = told;
    expect(content?.kind === 'removed' && content.removed.map(({ id }) => id)).toEqual([...strays, third]);
    expect(new Date(notBefore).toISOString()).toMatch(/^1970-01-02T07:00/);
  });
});

describe('the note of what was removed', () => {
  it('says what it would have cost a day, where a price is known', async () => {
    const world = await twoLive();
    world.parts.policies = new Map([
      ['hello', policy({ prices: { currency: 'EUR', instanceHour: { local: 0.02 } } })],
    ]);
    world.stray();
    world.stray();
    await world.upkeep(60_000);
    const [removed = []] = messagesOf(world).flatMap(({ content }) =>
      content.kind === 'removed' ? [content.removed] : [],
    );
    expect(removed.map(({ perDay }) => perDay)).toEqual([
      { amount: 0.48, currency: 'EUR' },
      { amount: 0.48, currency: 'EUR' },
    ]);
    expect(removedNote('hello', '2026-11-25', removed).text).toContain('about 0.96 EUR a day');
    const unpriced = removed.map(({ perDay: _, ...rest }) => rest);
    expect(removedNote('hello', '2026-11-25', unpriced).text).not.toContain('cost');
  });
});

describe('bakery reap --dry-run', () => {
  it('names what would go, what is left alone and why, and changes nothing', async () => {
    const world = await twoLive();
    const [stray, foreign] = [world.stray(), world.stray({ service: 'forgotten' })];
    await world.survey();
    await world.run(1_000);
    const report = await reportLeftovers(world.ledger, world.parts.policies);
    expect(reapLines(report, world.now)).toEqual([
      'hello in local, looked at 1 s ago:',
      `  instance ${stray}: made for v1 in production`,
      '  Seen twice, it is removed within a minute.',
      'forgotten in local, looked at 1 s ago:',
      `  instance ${foreign}: made for v1 in production`,
      '  Left alone: there is no such service in the configuration. Configure it again, or remove these by hand.',
    ]);
    expect([stray, foreign].every((id) => world.running.has(id))).toBe(true);
  });
});

describe('in a world that people and faults have made', () => {
  it('whatever belongs to something is spared, and every stray goes within a minute', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(move, { minLength: 5, maxLength: 25 }),
        fc.array(
          fc.record({
            environment: fc.constantFrom('dev', 'production', 'verify', 'gone'),
            version: fc.integer({ min: 1, max: 6 }),
            effect: fc.constantFrom(
              'launch.hello.production.1.0',
              'candidate.hello.v1',
              'launch.hello.dev.1.0',
              'x',
            ),
            generation: fc.integer({ min: 7, max: 9 }),
          }),
          { maxLength: 3 },
        ),
        async (moves, strays) => {
          const world = new FaultyWorld();
          for (const [index, step] of moves.entries()) await make(world, step, index);
          world.broken.clear();
          const made = strays.map((mark) => world.stray(mark));
          const reaped: string[] = [];
          const before = world.say;
          world.say = (attempt) => {
            if (attempt.kind === 'reap') {
              const { made: wantedGone } = attempt.input as {
                made: { effect: string; generation: number }[];
              };
              reaped.push(...wantedGone.map(({ effect, generation }) => `${effect}.g${generation}`));
              for (const id of reaped) expect(wanted(world).has(id), `${id} serves`).toBe(false);
            }
            return before(attempt);
          };
          await world.upkeep(60_000);
          expect(made.filter((id) => world.running.has(id))).toEqual([]);
          for (let minute = 0; minute < 5; minute++) await world.upkeep(60_000);
          expect([...world.running].filter((id) => !wanted(world).has(id))).toEqual([]);
        },
      ),
      { ...seeded, numRuns: Number(process.env.BAKERY_PROPERTY_RUNS ?? 40) },
    );
  }, 120_000);
});
