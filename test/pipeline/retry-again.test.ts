import { describe, expect, it } from 'vitest';
import type { EnvironmentPolicy } from '../../src/pipeline/domain/policy.ts';
import { CoreWorld, failed } from '../support/core-world.ts';
import { ada, bob, environment, eve, policy } from '../support/policies.ts';

const service = 'hello';
const rules = (more: Partial<EnvironmentPolicy> = {}) =>
  policy({
    // Ada may release and nothing else.
    people: {
      bake: ['*'],
      approve: ['T1/UBOB'],
      rollback: ['T1/UBOB'],
      retire: ['T1/UBOB'],
      lock: ['T1/UBOB'],
      override: ['T1/UBOB'],
    },
    environments: [
      environment('production', 4003, {
        promotion: 'approval',
        approvals: 1,
        selfApproval: false,
        production: true,
        retireAfter: 3_600_000,
        ...more,
      }),
    ],
  });

/** So many versions went live, one after the other, each with Bob's yes. */
async function lived(versions: number): Promise<CoreWorld> {
  const world = new CoreWorld(rules());
  for (let version = 1; version <= versions; version++) {
    await world.push(`change ${version}`, eve);
    await world.run(10_000);
    await world.approve(`hello.production.${version}`, bob);
    await world.run(30_000);
  }
  expect(world.slot('production').live?.version).toBe(versions);
  return world;
}
const breaks = (world: CoreWorld): void => {
  world.say = ({ kind }) => (kind === 'launch' ? failed('quota', 'full') : undefined);
};
const mends = (world: CoreWorld): void => {
  world.say = () => undefined;
};
/** Ada presses Retry on the card of what failed at launch. */
const retries = (world: CoreWorld, deployment: string, by = ada) =>
  world.do({ do: 'retry deployment', service, deployment, stage: 'launch', by });
const newest = (world: CoreWorld): string =>
  `hello.production.${world.ledgerSlot('production')?.deployments ?? 0}`;

describe('to try again is no way around', () => {
  it('the right to go back: a rollback that failed is tried again by who may roll back', async () => {
    const world = await lived(2);
    await world.do({ do: 'retire', service, deployment: 'hello.production.2', by: bob });
    await world.run(30_000);
    breaks(world);
    await world.do({ do: 'roll back', service, version: 1, environment: 'production', by: bob });
    await world.run(30_000);
    const failedOne = newest(world);
    expect(world.deployment(failedOne)).toMatchObject({ kind: 'rollback', state: 'failed' });
    mends(world);
    expect(await retries(world, failedOne)).toMatchObject({ refused: 'not allowed' });
    expect(await retries(world, failedOne, bob)).toMatchObject({ accepted: true });
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
  });

  it('what a rollback refuses: forward, and to what was rolled back itself', async () => {
    const world = await lived(2);
    await world.do({ do: 'retire', service, deployment: 'hello.production.2', by: bob });
    await world.run(30_000);
    breaks(world);
    await world.do({ do: 'roll back', service, version: 1, environment: 'production', by: bob });
    await world.run(30_000);
    const failedOne = newest(world);
    mends(world);
    // Meanwhile v1 is live by another rollback, and v2 in quarantine.
    await world.do({ do: 'roll back', service, version: 1, environment: 'production', by: bob });
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(await retries(world, failedOne, bob)).toMatchObject({ refused: 'already there' });
  });

  it('a quarantine: the repair of a version that is not live any more has nothing to repair', async () => {
    const world = await lived(2);
    await world.do({ do: 'retire', service, deployment: 'hello.production.2', by: bob });
    await world.run(30_000);
    breaks(world);
    for (const { id } of world.slot('production').live?.instances ?? []) world.running.delete(id);
    await world.upkeep(45_000);
    const repair = newest(world);
    expect(world.deployment(repair)).toMatchObject({ kind: 'repair', version: 2, state: 'failed' });
    mends(world);
    await world.do({ do: 'roll back', service, version: 1, environment: 'production', by: bob });
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
    expect(await retries(world, repair)).toMatchObject({ refused: 'stale' });
    await world.run(30_000);
    expect(world.slot('production').live?.version).toBe(1);
  });

  it('an override: it was for that once, and what is tried again needs its yes', async () => {
    const world = new CoreWorld(rules());
    await world.push('one', eve);
    await world.run(10_000);
    breaks(world);
    const order = { service, version: 1, environment: 'production', reason: 'the shop is down' };
    expect(await world.do({ do: 'override', ...order, by: bob })).toMatchObject({ accepted: true });
    await world.run(30_000);
    const failedOne = newest(world);
    expect(world.deployment(failedOne)).toMatchObject({ state: 'failed' });
    mends(world);
    await retries(world, failedOne);
    await world.run(30_000);
    expect(world.ledgerSlot('production')?.live).toBeUndefined();
    expect(world.deployment(failedOne)).toMatchObject({ state: 'running', stage: 'approve' });
  });

  it('what has taken its place: an approval is void when a newer release overtook it', async () => {
    const world = new CoreWorld(rules({ whenNewer: 'replace' }));
    await world.push('one', eve);
    await world.run(10_000);
    breaks(world);
    await world.approve('hello.production.1', bob);
    await world.run(30_000);
    mends(world);
    await world.push('two', eve);
    await world.run(10_000);
    expect(world.release(1).supersededBy).toBe(2);
    expect(await retries(world, 'hello.production.1')).toMatchObject({ refused: 'not in good standing' });
    await world.run(30_000);
    expect(world.ledgerSlot('production')?.live).toBeUndefined();
  });
});
