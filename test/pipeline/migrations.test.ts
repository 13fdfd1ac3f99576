import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Migration } from '../../src/pipeline/domain/service-file.ts';
import type { Outcome } from '../../src/pipeline/domain/task.ts';
import type { Attempt } from '../../src/pipeline/task-queue.ts';
import { CoreWorld, failed } from '../support/core-world.ts';
import { ada, bob, policy } from '../support/policies.ts';
import { builds } from '../support/with-migration.ts';

const command: Migration = { argv: ['node', 'migrate.js'], timeout: 60_000 };

let world: CoreWorld;
beforeEach(() => {
  world = new CoreWorld(policy({ people: { ...policy().people, override: ['T1/UADA'] } }));
});

/** A release whose file has this migration, as far as it goes by itself. */
async function release(name: string, migrate: Migration | undefined = command): Promise<void> {
  world.say = builds(migrate);
  await world.push(name);
  await world.run(30_000);
}

const id = (number: number): string => `hello.production.${number}`;
const ship = async (name: string, number: number, migrate?: Migration): Promise<void> => {
  await release(name, migrate);
  await world.approve(id(number), bob);
  await world.run(60_000);
};
const of = (environment: string): Attempt[] =>
  world.attempts.filter(
    ({ input }) => (input as { mark?: { environment: string } }).mark?.environment === environment,
  );
const kinds = (environment: string): string[] => of(environment).map(({ kind }) => kind);
const rollBack = (version: number, more: { reason?: string; anyway?: true; by?: typeof ada } = {}) =>
  world.do({ do: 'roll back', service: 'hello', version, environment: 'production', by: ada, ...more });

describe('a migration', () => {
  it('runs after the approval and before anything is started, from the new image with that environment', async () => {
    await release('one');
    expect(kinds('production')).toEqual([]);
    await world.approve(id(1), bob);
    await world.run(60_000);
    expect(kinds('production').slice(0, 2)).toEqual(['migrate', 'launch']);
    const [migration] = of('production');
    expect(migration?.input).toMatchObject({
      image: world.deployment(id(1)).image,
      spec: { start: command.argv, once: true, settings: { GREETING: { value: 'hello production' } } },
      mark: { epoch: 1 },
    });
    expect(world.deployment(id(1)).stages.migrate?.state).toBe('passed');
    expect(world.slot('production').live?.version).toBe(1);
  });

  it('brings the database of the verify environment to what the candidate needs, before it is started', async () => {
    await release('one');
    expect(kinds('verify')).toEqual(['build', 'bake', 'migrate', 'launch']);
    expect(of('verify')[2]?.input).toMatchObject({
      spec: { settings: { GREETING: { value: 'hello verify' } } },
    });
  });

  it('that fails leaves what is live untouched, nothing of its own, and can be tried again', async () => {
    await ship('one', 1, undefined);
    const running = [...world.running];
    let broken = true;
    await release('two');
    world.say = (attempt) =>
      attempt.kind === 'migrate' && broken
        ? failed('exited', 'The command ended with exit code 3.')
        : undefined;
    await world.approve(id(2), bob);
    await world.run(60_000);
    expect(world.deployment(id(2))).toMatchObject({ state: 'failed', failure: { stage: 'migrate' } });
    expect(world.slot('production')).toMatchObject({ live: { version: 1 }, open: [] });
    expect([...world.running].filter((one) => one.includes('production'))).toEqual(
      running.filter((one) => one.includes('production')),
    );
    broken = false;
    await world.do({
      do: 'retry deployment',
      service: 'hello',
      deployment: id(2),
      stage: 'migrate',
      by: ada,
    });
    await world.run(60_000);
    expect(world.slot('production').live?.version).toBe(2);
  });

  it('is not run by a rollback or a repair, which start what was there before', async () => {
    await ship('one', 1);
    await ship('two', 2);
    const before = kinds('production').filter((kind) => kind === 'migrate').length;
    await rollBack(1);
    await world.run(60_000);
    for (const one of world.slot('production').live?.instances ?? []) world.running.delete(one.id);
    await world.upkeep(120_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(kinds('production').filter((kind) => kind === 'migrate')).toHaveLength(before);
  });

  it('holds no rollback up: it is ended, and the slot changes hands', async () => {
    await ship('one', 1);
    await ship('two', 2);
    await release('three');
    world.say = ({ kind }) => (kind === 'migrate' ? { is: 'not yet', again: 1_000 } : undefined);
    await world.approve(id(3), bob);
    await world.run(5_000);
    expect(world.deployment(id(3))).toMatchObject({ stage: 'migrate', state: 'running' });
    await rollBack(1);
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.deployment(id(3)).state).toBe('overtaken');
    expect([...world.running].filter((one) => one.includes('migrate'))).toEqual([]);
  });

  it('leaves nothing running and no slot taken, whatever of it fails, dies or is cancelled', async () => {
    const ends = fc.constantFrom<Outcome | 'hang' | undefined>(
      'hang',
      failed('exited', 'no'),
      failed('timeout', 'too long'),
      failed('worker lost', 'gone'),
      undefined,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(ends, { maxLength: 4 }), fc.boolean(), async (outcomes, cancels) => {
        world = new CoreWorld();
        await ship('one', 1);
        await release('two');
        world.say = ({ kind }) => (kind === 'migrate' ? outcomes.shift() : undefined);
        await world.approve(id(2), bob);
        await world.run(2_000);
        if (cancels)
          await world.do({ do: 'cancel deployment', service: 'hello', deployment: id(2), by: ada });
        await world.run(45 * 60_000);
        expect([...world.running].filter((one) => one.includes('migrate'))).toEqual([]);
        expect(world.slot('production').lease).toBeUndefined();
        expect(world.slot('production').open).toEqual([]);
        expect([1, 2]).toContain(world.slot('production').live?.version);
      }),
      { seed: 7, numRuns: 10 },
    );
  });
});

describe('a rollback past a migration', () => {
  const from = (rollbackTo: number): Migration => ({ ...command, rollbackTo });
  beforeEach(async () => {
    await ship('one', 1);
    await ship('two', 2);
    await ship('three', 3, from(2));
  });

  it('is refused with what the release says, and what it allows is gone back to as ever', async () => {
    const said = 'v3 has changed the database of production and says that nothing before v2 works with it.';
    expect(await rollBack(1, { reason: 'it is slow' })).toMatchObject({
      refused: 'not in good standing',
      sentence: expect.stringContaining(said),
    });
    expect(await rollBack(2)).toMatchObject({ accepted: true });
    await world.run(60_000);
    expect(world.slot('production').live?.version).toBe(2);
    expect(await rollBack(1, { reason: 'still slow' })).toMatchObject({ refused: 'not in good standing' });
  });

  it('takes somebody who may override, the word and a reason, and is listed with what it put aside', async () => {
    expect(await rollBack(1, { anyway: true })).toMatchObject({ refused: 'not in good standing' });
    expect(await rollBack(1, { anyway: true, reason: 'data restored', by: bob })).toMatchObject({
      refused: 'not in good standing',
    });
    expect(await rollBack(1, { anyway: true, reason: 'data restored' })).toMatchObject({
      accepted: true,
      sentence: expect.stringContaining('nothing before v2 works with it'),
    });
    await world.run(60_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.deployment(id(4)).override).toMatchObject({
      lifts: ['database'],
      warning: expect.anything(),
    });
  });

  it('“roll back anyway” is taken from one who holds the right, and the trail says why', async () => {
    expect(await rollBack(1, { anyway: true, reason: 'data restored' })).toMatchObject({ accepted: true });
    const { grants } = world.trail().at(-1) ?? {};
    expect(grants?.map(({ right, through }) => [right, through])).toEqual([
      ['rollback', 'T1/UADA'],
      ['override', 'T1/UADA'],
    ]);
  });

  it('“roll back anyway” is refused to one who does not hold the right, changes nothing, and leaves a trace', async () => {
    const before = world.eventTypes();
    const no = await rollBack(1, { anyway: true, reason: 'data restored', by: bob });
    expect(no).toMatchObject({ refused: 'not in good standing' });
    expect(world.eventTypes()).toEqual(before);
    expect(world.trail().at(-1)).toMatchObject({ by: bob, outcome: 'not in good standing', grants: [] });
  });

  it('is not what going back without a version means', async () => {
    await world.do({ do: 'roll back', service: 'hello', environment: 'production', by: ada });
    await world.run(60_000);
    expect(world.slot('production').live?.version).toBe(2);
    expect(
      await world.do({ do: 'roll back', service: 'hello', environment: 'production', by: ada }),
    ).toMatchObject({ refused: 'never went live' });
  });

  it('cannot become needed: what shuts out the live version is not deployed, and nobody is asked', async () => {
    const before = kinds('dev').length;
    await release('four', from(4));
    expect(world.deployment('hello.dev.4')).toMatchObject({ state: 'failed', failure: { fault: 'denied' } });
    expect(kinds('dev')).toHaveLength(before);
    expect(world.slot('dev').live?.version).toBe(3);
  });
});
