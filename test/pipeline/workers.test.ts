import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EnvironmentPolicy } from '../../src/pipeline/domain/policy.ts';
import type { Attempt } from '../../src/pipeline/task-queue.ts';
import { CoreWorld, failed } from '../support/core-world.ts';
import { ada, environment, policy } from '../support/policies.ts';
import { workOf } from '../support/small-cloud.ts';

const worker = (more: Partial<EnvironmentPolicy> = {}): CoreWorld =>
  new CoreWorld(
    policy({
      environments: [
        environment('production', 0, {
          balancer: '',
          traffic: 'none',
          soak: 10_000,
          drain: 120_000,
          production: true,
          ...more,
        }),
      ],
    }),
  );
const singleton = (more: Partial<EnvironmentPolicy> = {}): CoreWorld => worker({ overlap: false, ...more });

/** Instances of production that run, by version. */
const running = (world: CoreWorld): number[] =>
  [...world.running]
    .flatMap((id) => world.marks.get(id) ?? [])
    .filter((mark) => mark.environment === 'production')
    .map(({ version }) => version)
    .sort();
const ofProduction = ({ effect }: Attempt): boolean => effect.includes('.production');
const kinds = (world: CoreWorld): string[] => world.attempts.filter(ofProduction).map(({ kind }) => kind);

async function ship(world: CoreWorld, name: string): Promise<void> {
  await world.push(name);
  await world.run(60_000);
}

describe('a worker', () => {
  it('goes live with no balancer: proven healthy, watched, and the old one ended after it', async () => {
    const world = worker();
    await ship(world, 'one');
    const seen: number[][] = [];
    world.say = ({ kind }) => {
      if (kind === 'watch') seen.push(running(world));
      return undefined;
    };
    await ship(world, 'two');
    expect(world.slot('production').live?.version).toBe(2);
    expect(running(world)).toEqual([2]);
    expect(seen.every((versions) => versions.includes(1) && versions.includes(2))).toBe(true);
    const launches = world.attempts.filter(({ kind }) => kind === 'launch');
    expect(launches.map(({ input }) => JSON.parse(JSON.stringify(input)).behind)).toEqual(
      launches.map(() => undefined),
    );
    const balancers = ['admit', 'shift', 'drain', 'detach', 'script'];
    expect(kinds(world).filter((kind) => balancers.includes(kind))).toEqual([]);
    expect(kinds(world)).toContain('survey');
  });

  it('that is retired may take until its deadline to finish what it does', async () => {
    const world = worker();
    await ship(world, 'one');
    await ship(world, 'two');
    const end = world.attempts.find(({ effect }) => effect.startsWith('end.hello.production'));
    expect(end).toMatchObject({ kind: 'terminate', input: { grace: 120_000 } });
  });

  it('that fails while it is watched is ended, and the one before worked all the time', async () => {
    const world = worker();
    await ship(world, 'one');
    world.say = ({ effect }) =>
      effect === 'watch.hello.production.2' ? failed('exited', 'It ended by itself.') : undefined;
    await ship(world, 'two');
    expect(world.slot('production').live?.version).toBe(1);
    expect(running(world)).toEqual([1]);
    expect(world.deployment('hello.production.2').state).toBe('went back');
    expect(world.release(2).quarantined.production).toBeDefined();
  });

  it('that is gone back from is ended at once, and the one that still runs works on', async () => {
    const world = worker({ retireAfter: 3_600_000 });
    await ship(world, 'one');
    await ship(world, 'two');
    expect(running(world)).toEqual([1, 2]);
    const launched = kinds(world).filter((kind) => kind === 'launch').length;
    await world.do({ do: 'roll back', service: 'hello', environment: 'production', by: ada });
    await world.run(60_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(running(world)).toEqual([1]);
    expect(kinds(world).filter((kind) => kind === 'launch')).toHaveLength(launched);
  });

  it('that still ran and does not any more is started again from its image', async () => {
    const world = worker({ retireAfter: 3_600_000 });
    await ship(world, 'one');
    await ship(world, 'two');
    world.say = ({ kind, effect }) =>
      kind === 'watch' && effect.startsWith('admit.') ? failed('exited', 'It is gone.') : undefined;
    await world.do({ do: 'roll back', service: 'hello', environment: 'production', by: ada });
    await world.run(60_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.deployment('hello.production.3')).toMatchObject({ cold: true, state: 'finished' });
  });

  it('that died is replaced, with no balancer to ask', async () => {
    const world = worker({ count: 2 });
    await ship(world, 'one');
    const [dead = ''] = [...world.running];
    world.running.delete(dead);
    await world.upkeep(60_000);
    expect(running(world)).toEqual([1, 1]);
  });
});

describe('a singleton', () => {
  it('is stopped before the new one is started, and its card says so', async () => {
    const world = singleton();
    await ship(world, 'one');
    const seen: number[][] = [];
    world.say = (attempt) => {
      if (attempt.kind === 'launch' && ofProduction(attempt)) seen.push(running(world));
      return undefined;
    };
    await ship(world, 'two');
    expect(seen).toEqual([[]]);
    expect(running(world)).toEqual([2]);
    expect(world.deployment('hello.production.2')).toMatchObject({ stoppedOld: true, state: 'finished' });
    expect(world.eventTypes().filter((type) => type === 'OldStopped')).toHaveLength(1);
    const stop = world.attempts.find(({ effect }) => effect.startsWith('stop.'));
    expect(stop).toMatchObject({ input: { grace: 120_000 } });
  });

  it('whose successor does not start is started again at once', async () => {
    const world = singleton();
    await ship(world, 'one');
    world.say = ({ kind, effect }) =>
      kind === 'launch' && effect.includes('production.2')
        ? failed('unhealthy', 'It never got healthy.')
        : undefined;
    await ship(world, 'two');
    expect(world.deployment('hello.production.2').state).toBe('failed');
    expect(world.slot('production').live?.version).toBe(1);
    expect(running(world)).toEqual([1]);
  });

  it('is gone back to by a new start, after the one that is left has ended', async () => {
    const world = singleton();
    await ship(world, 'one');
    await ship(world, 'two');
    await world.do({ do: 'roll back', service: 'hello', environment: 'production', by: ada });
    await world.run(60_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(running(world)).toEqual([1]);
  });

  it('that is being started is ended before an earlier one is started instead', async () => {
    const world = singleton();
    await ship(world, 'one');
    await ship(world, 'two');
    const seen: number[][] = [];
    let ends = 0;
    world.say = (attempt) => {
      const { kind, effect } = attempt;
      // It takes its time to finish what it does.
      if (kind === 'terminate' && effect.startsWith('undo.') && ends++ < 3)
        return { is: 'not yet', again: 5_000 };
      if (kind !== 'launch' || !ofProduction(attempt)) return undefined;
      seen.push(running(world));
      if (!effect.includes('production.3')) return undefined;
      workOf(world, attempt);
      return { is: 'not yet', again: 20_000 };
    };
    await world.push('three');
    await world.run(1_500);
    expect(running(world)).toEqual([3]);
    await world.do({ do: 'roll back', service: 'hello', environment: 'production', by: ada });
    await world.run(60_000);
    expect(seen).toEqual([[], []]);
    expect(running(world)).toEqual([1]);
  });

  it('never runs twice at once, whatever fails, dies, is cancelled or gone back from', async () => {
    const move = fc.constantFrom('push', 'slow', 'fail', 'back', 'kill', 'sick', 'cancel', 'wait', 'upkeep');
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 3, maxLength: 14 }), async (moves) => {
        const world = singleton({ soak: 3_000 });
        let failing = 0;
        let slow = 0;
        const twice: number[][] = [];
        world.say = (attempt) => {
          if (attempt.kind === 'launch' && ofProduction(attempt)) {
            const { mark } = attempt.input as { mark: { effect: string; generation: number } };
            const others = [...world.running].filter((id) => {
              const other = world.marks.get(id);
              const isSame = other?.effect === mark.effect && other.generation === mark.generation;
              return other?.environment === 'production' && !isSame;
            });
            if (others.length > 0) twice.push(running(world));
            if (slow > 0) {
              // It runs, and is not healthy yet.
              slow -= 1;
              workOf(world, attempt);
              return { is: 'not yet', again: 4_000 };
            }
          }
          const isSlow = attempt.kind === 'terminate' && attempt.attempt === 1;
          if (isSlow) return { is: 'not yet', again: 1_000 };
          const fails = failing > 0 && ofProduction(attempt) && ['launch', 'watch'].includes(attempt.kind);
          if (fails) failing -= 1;
          return fails ? failed('unhealthy', 'It is not well.') : undefined;
        };
        let pushed = 0;
        const open = () =>
          (world.ledgerSlot('production')?.open ?? []).map((id) => world.deployment(id)).at(-1);
        const acts: Record<(typeof moves)[number], () => Promise<unknown> | unknown> = {
          push: () => world.push(`commit ${pushed++}`),
          fail: () => (failing += 1),
          slow: () => (slow += 1),
          back: () => world.do({ do: 'roll back', service: 'hello', environment: 'production', by: ada }),
          kill: () => world.running.delete([...world.running].at(-1) ?? ''),
          sick: () => world.unwell.add([...world.running].at(-1) ?? ''),
          cancel: () =>
            world.do({ do: 'cancel deployment', service: 'hello', deployment: open()?.id ?? '', by: ada }),
          wait: () => undefined,
          upkeep: () => world.upkeep(15_000),
        };
        for (const one of moves) {
          await acts[one]();
          await world.run(one === 'wait' ? 10_000 : 1_500);
        }
        failing = 0;
        slow = 0;
        world.unwell.clear();
        await world.upkeep(1_200_000, 60_000);
        expect(twice).toEqual([]);
        const live = world.ledgerSlot('production')?.live;
        expect(running(world).length).toBeLessThanOrEqual(1);
        if (live !== undefined && world.slot('production').repairs?.stopped !== true)
          expect(running(world)).toEqual([live.version]);
      }),
      { numRuns: 40, seed: 20_261_125 },
    );
  }, 60_000);
});
