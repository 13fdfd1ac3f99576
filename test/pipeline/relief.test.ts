import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/pipeline/domain/command.ts';
import type { Outcome, TaskInputs } from '../../src/pipeline/domain/task.ts';
import type { Attempt } from '../../src/pipeline/task-queue.ts';
import { type CoreWorld, failed } from '../support/core-world.ts';
import { withV1 } from '../support/core-worlds.ts';
import { ada } from '../support/policies.ts';

const v1 = 'launch.hello.production.1.0.g1';
const v2 = 'launch.hello.production.2.0.g1';
const v1Again = 'launch.hello.production.3.0.g2';
const minutes = 60_000;

const serves = ({ weights, running }: CoreWorld): boolean =>
  Object.entries(weights.get('hello.production') ?? {}).some(([id, weight]) => weight > 0 && running.has(id));

/** A balancer that moves traffic to nobody who does not run and obeys epochs, as the real ones do. */
function asBalancersDo(world: CoreWorld, broken: (attempt: Attempt) => Outcome | undefined): string[] {
  const outages: string[] = [];
  let newest = 0;
  const isOld = (epoch: number): boolean => {
    newest = Math.max(newest, epoch);
    return epoch < newest;
  };
  world.say = (attempt) => {
    if (!serves(world)) outages.push(attempt.effect);
    const { kind, input } = attempt;
    if (kind === 'admit') {
      const { instances, epoch, frontend } = input as TaskInputs['admit'];
      if (frontend.slot === 'hello.production' && isOld(epoch))
        return failed('fenced', 'Somebody newer is there.');
      if (!instances.every(({ id }) => world.running.has(id)))
        return failed('unhealthy', 'It does not answer.');
    }
    if (kind === 'shift') {
      const { weights, epoch, frontend } = input as TaskInputs['shift'];
      if (frontend.slot === 'hello.production' && isOld(epoch))
        return failed('fenced', 'Somebody newer is there.');
      const gets = Object.entries(weights).filter(([, weight]) => weight > 0);
      if (!gets.some(([id]) => world.running.has(id))) return failed('unhealthy', 'Nobody would serve.');
    }
    return broken(attempt);
  };
  return outages;
}

/** v2 has a quarter of the traffic and breaks a limit, just when v1 dies. */
async function bothFail(at = 'watch.hello.production.2.25') {
  const world = await withV1();
  await world.push('two');
  await world.run(5_000);
  const outages = asBalancersDo(world, ({ effect }) => {
    if (effect !== at) return undefined;
    world.running.delete(v1);
    return failed('limit broken', 'It broke a limit.');
  });
  await world.approve('hello.production.2');
  return { world, outages };
}

/** From now on nothing that is launched gets healthy, until what is returned is called. */
function startsNothing(world: CoreWorld): () => void {
  const usual = world.say;
  world.say = (attempt) =>
    attempt.kind === 'launch' ? failed('unhealthy', 'It does not get healthy.') : usual(attempt);
  return () => {
    world.say = usual;
  };
}

describe('a release that fails when what was live before it does not serve any more', () => {
  it('serves on until that was started again from its image, and is taken down then', async () => {
    const { world, outages } = await bothFail();
    await world.run(30 * minutes);
    expect(outages).toEqual([]);
    expect(world.deployment('hello.production.3')).toMatchObject({
      kind: 'rollback',
      version: 1,
      requestedBy: { kind: 'clock' },
      wentLive: true,
    });
    expect(world.deployment('hello.production.2').state).toBe('went back');
    expect(world.slot('production').live).toMatchObject({ version: 1, deployment: 'hello.production.3' });
    expect(world.weights.get('hello.production')).toEqual({ [v1Again]: 100 });
    expect(world.running.has(v2)).toBe(false);
    expect(world.release(2).quarantined.production).toMatchObject({ by: { kind: 'clock' } });
  });

  it('does so too when it was live already', async () => {
    const { world, outages } = await bothFail('watch.hello.production.2');
    await world.run(10 * minutes);
    expect(outages).toEqual([]);
    expect(world.deployment('hello.production.3').stage).toBe('retire');
    // It is the rollback's to retire, as after any other one.
    expect(world.slot('production').beside?.instances.map(({ id }) => id)).toContain(v2);
    expect(world.running.has(v2)).toBe(true);
    await world.run(20 * minutes);
    expect(world.slot('production').live).toMatchObject({ version: 1, deployment: 'hello.production.3' });
    expect(world.weights.get('hello.production')?.[v1Again]).toBe(100);
    expect(world.release(2).quarantined.production).toMatchObject({ by: { kind: 'clock' } });
    expect(world.deployment('hello.production.2').state).toBe('went back');
    await world.run(120 * minutes);
    expect([...world.running].filter((id) => id.includes('production'))).toEqual([v1Again]);
  });

  it('leaves the traffic alone while that starts', async () => {
    const { world } = await bothFail();
    const usual = world.say;
    world.say = (attempt) => (attempt.effect === 'launch.hello.production.3.0' ? 'hang' : usual(attempt));
    await world.run(25 * minutes);
    expect(world.deployment('hello.production.3')).toMatchObject({ state: 'running', stage: 'launch' });
    const shifts = world.attempts.filter(({ effect }) => effect.startsWith('undo.shift.hello.production.2.'));
    expect(shifts).toEqual([]);
  });

  it('serves on for as long as that does not start, which is tried ever more seldom, and a person is told once', async () => {
    const { world, outages } = await bothFail();
    await world.run(1 * minutes);
    const startsAgain = startsNothing(world);
    await world.run(120 * minutes);
    expect(outages).toEqual([]);
    expect(world.deployment('hello.production.3').state).toBe('failed');
    expect(world.deployment('hello.production.2').state).toBe('undoing');
    expect(world.eventTypes().filter((type) => type === 'DeploymentLeftOver')).toHaveLength(1);
    expect(world.deploymentIds().filter((id) => id.includes('production'))).toHaveLength(2 + 5);
    // What it depends on came back.
    startsAgain();
    await world.do({ do: 'roll back', service: 'hello', environment: 'production', version: 1, by: ada });
    await world.run(30 * minutes);
    expect(outages).toEqual([]);
    expect(world.slot('production').live?.version).toBe(1);
    expect(world.deployment('hello.production.2').state).toBe('went back');
    expect(world.running.has(v2)).toBe(false);
  });

  it('gives the traffic back as soon as that serves again by itself', async () => {
    const { world, outages } = await bothFail();
    await world.run(1 * minutes);
    startsNothing(world);
    await world.run(60 * minutes);
    world.running.add(v1);
    await world.run(15 * minutes);
    expect(outages).toEqual([]);
    expect(world.weights.get('hello.production')).toEqual({ [v1]: 100 });
    expect(world.deployment('hello.production.2').state).toBe('went back');
    expect(world.running.has(v2)).toBe(false);
    expect(world.slot('production')).toMatchObject({ live: { version: 1 }, open: [] });
  });

  it('is told of too when the balancer calls it old and nobody newer is there', async () => {
    const { world, outages } = await bothFail();
    const usual = world.say;
    world.say = (attempt) =>
      attempt.effect.startsWith('undo.shift.hello.production.2')
        ? failed('fenced', 'The slot was changed under a higher epoch.')
        : usual(attempt);
    await world.run(30 * minutes);
    expect(outages).toEqual([]);
    expect(world.eventTypes().filter((type) => type === 'DeploymentLeftOver')).toHaveLength(1);
    expect(world.slot('production').live).toMatchObject({ version: 1, deployment: 'hello.production.3' });
    const { reason = '' } = world.deployment('hello.production.3');
    expect(await world.ledger.words([reason])).toEqual({
      [reason]: 'v2 failed, and v1 did not take its traffic back.',
    });
  });

  it('does not keep what was live from being started again when it dies itself', async () => {
    const { world } = await bothFail();
    await world.run(1 * minutes);
    const startsAgain = startsNothing(world);
    await world.run(30 * minutes);
    world.running.delete(v2);
    startsAgain();
    await world.run(60 * minutes);
    expect(serves(world)).toBe(true);
    expect(world.slot('production')).toMatchObject({ live: { version: 1 }, open: [] });
  });

  it('is not taken down by a rollback of a person that comes to nothing', async () => {
    const { world, outages } = await bothFail();
    await world.run(1 * minutes);
    startsNothing(world);
    const asked = await world.do({
      do: 'roll back',
      service: 'hello',
      environment: 'production',
      version: 1,
      by: ada,
    });
    expect(isRefusal(asked)).toBe(false);
    await world.run(30 * minutes);
    expect(outages).toEqual([]);
    expect(serves(world)).toBe(true);
    expect(world.running.has(v2)).toBe(true);
  });

  it('is overtaken in the middle of its cut-over and serves on when the rollback comes to nothing', async () => {
    const world = await withV1();
    await world.push('two');
    await world.run(5_000);
    const outages = asBalancersDo(world, ({ effect, kind }) => {
      if (effect === 'watch.hello.production.2.25') return { is: 'not yet', again: 1_000 };
      return kind === 'launch' && !effect.includes('production.2') ? failed('unhealthy', 'No.') : undefined;
    });
    await world.approve('hello.production.2');
    await world.run(5_000);
    world.running.delete(v1);
    await world.do({ do: 'roll back', service: 'hello', environment: 'production', version: 1, by: ada });
    await world.run(60 * minutes);
    expect(outages).toEqual([]);
    expect(world.deployment('hello.production.3').state).toBe('failed');
    expect(world.running.has(v2)).toBe(true);
    expect(serves(world)).toBe(true);
  });
});
