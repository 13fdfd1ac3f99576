import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/pipeline/domain/command.ts';
import { isDeploymentOver } from '../../src/pipeline/domain/deployment.ts';
import { type Hook, hookProblem, hookStages } from '../../src/pipeline/domain/hook.ts';
import { isOver } from '../../src/pipeline/domain/release.ts';
import { FaultyWorld, make, move, seeded, wanted } from '../support/moves.ts';
import { ada, policy } from '../support/policies.ts';

const runs = Number(process.env.BAKERY_PROPERTY_RUNS ?? 40);

/** Once nothing fails any more, all ends or waits, and only what is wanted runs. */
async function nothingIsLeft(world: FaultyWorld): Promise<void> {
  world.broken.clear();
  // Long enough for retries and for what a lost queue held, short of every person's deadline.
  for (let minute = 0; minute < 6; minute++) await world.run(60_000);
  await world.survey();
  await world.run(120_000);
  expect([...world.running].filter((id) => !wanted(world).has(id))).toEqual([]);
  if (world.killed === 0) expect([...wanted(world)].filter((id) => !world.running.has(id))).toEqual([]);
  for (const name of ['dev', 'production']) {
    const live = world.ledgerSlot(name)?.live;
    if (live === undefined) continue;
    const weights = world.weights.get(`hello.${name}`) ?? {};
    expect(live.instances.every(({ id }) => world.running.has(id))).toBe(true);
    expect(live.instances.reduce((sum, { id }) => sum + (weights[id] ?? 0), 0)).toBe(100);
  }
  for (const id of world.deploymentIds()) {
    const deployment = world.deployment(id);
    expect(isDeploymentOver(deployment) || deployment.wait !== undefined, `${id} ${deployment.state}`).toBe(
      true,
    );
  }
  for (const release of world.releases()) expect(isOver(release), `v${release.version}`).toBe(true);
}

/** A hook at every place where one may be, every other of which stops its stage. */
const everywhere: Hook[] = hookStages.flatMap((stage, index) =>
  (['before', 'after'] as const).flatMap((when): Hook[] => {
    const stops = index % 2 === 0 && hookProblem({ when, stage, stops: true }) === undefined;
    const how = { by: 'call', url: 'https://hooks.example.test', key: 'env:KEY' } as const;
    const hook = { name: `h${index}`, when, stage, within: 60_000, stops, how };
    return hookProblem(hook) === undefined ? [hook] : [];
  }),
);

const breakHook = fc.record({
  ...{ does: fc.constant('break' as const), kind: fc.constant('hook') },
  fault: fc.constantFrom('busy' as const, 'worker lost' as const, 'tests failed' as const),
  times: fc.integer({ min: 1, max: 3 }),
});

describe('whatever people and faults do, in whatever order', () => {
  it('nothing is left over either with a hook at every place where one may be', async () => {
    let ran = 0;
    const moves = fc.oneof({ weight: 4, arbitrary: move }, { weight: 1, arbitrary: breakHook });
    await fc.assert(
      fc.asyncProperty(fc.array(moves, { minLength: 5, maxLength: 40 }), async (steps) => {
        const world = new FaultyWorld(policy({ hooks: everywhere }));
        for (const [index, step] of steps.entries()) await make(world, step, index);
        await nothingIsLeft(world);
        ran += world.attempts.filter(({ kind }) => kind === 'hook').length;
      }),
      { ...seeded, numRuns: Math.ceil(runs / 2) },
    );
    expect(ran).toBeGreaterThan(runs);
  }, 120_000);

  it(
    'nothing is left over, nothing hangs, and what serves has an instance that runs',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 40 }), async (moves) => {
          const world = new FaultyWorld();
          for (const [index, step] of moves.entries()) await make(world, step, index);
          await nothingIsLeft(world);
        }),
        { ...seeded, numRuns: runs },
      );
    },
    120_000 + runs * 500,
  );

  it('nothing goes live in production without a yes to that image with those settings', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 30 }), async (moves) => {
        const world = new FaultyWorld();
        for (const [index, step] of moves.entries()) await make(world, step, index);
        for (const id of world.deploymentIds()) {
          const deployment = world.deployment(id);
          if (!deployment.wentLive || deployment.environment !== 'production') continue;
          const yes = deployment.approvals.filter(
            ({ image, settings }) =>
              image === deployment.image.digest && settings === deployment.plan.settings.digest,
          );
          const before = world.release(deployment.version).standings.production;
          expect(yes.length > 0 || (deployment.kind !== 'release' && before !== undefined)).toBe(true);
        }
      }),
      { ...seeded, numRuns: 25 },
    );
  }, 120_000);

  it('every click ends in an acceptance or a refusal in words', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(move, { minLength: 3, maxLength: 12 }),
        fc.nat(50),
        async (moves, version) => {
          const world = new FaultyWorld();
          for (const [index, step] of moves.entries()) await make(world, step, index);
          const by = ada;
          const answers = [
            await world.do({ do: 'deploy', service: 'hello', version, environment: 'production', by }),
            await world.do({ do: 'cancel release', service: 'hello', version, by }),
            await world.do({ do: 'roll back', service: 'hello', version, environment: 'nowhere', by }),
            await world.do({
              do: 'approve',
              service: 'hello',
              deployment: 'gone',
              image: 'x',
              settings: 'y',
              by,
            }),
            await world.do({ do: 'deploy', service: 'nothing', version, environment: 'production', by }),
          ];
          for (const answer of answers) expect(answer.sentence).toMatch(/^[A-Zhv][^{}]*[.!]$/);
          expect(answers.slice(2).every(isRefusal)).toBe(true);
        },
      ),
      { ...seeded, numRuns: 15 },
    );
  }, 60_000);
});
