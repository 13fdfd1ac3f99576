import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/pipeline/domain/command.ts';
import { recordEnded } from '../../src/pipeline/engine/outcomes.ts';
import { Reports } from '../../src/pipeline/engine/reports.ts';
import { stopTasks } from '../../src/pipeline/engine/stopping.ts';
import { attemptId } from '../../src/pipeline/task-queue.ts';
import { CoreWorld } from '../support/core-world.ts';
import { withV1 } from '../support/core-worlds.ts';
import { ada } from '../support/policies.ts';

describe('the engine', () => {
  it('goes on from the ledger after the queue was emptied', async () => {
    const world = new CoreWorld();
    world.say = ({ kind }) => (kind === 'bake' ? 'hang' : undefined);
    await world.push('one');
    await world.run(1_000);
    world.queue.empty();
    world.hanging.length = 0;
    world.say = () => undefined;
    await world.run(14_000);
    expect(world.release(1).stage).toBe('bake');
    for (let second = 0; second < 20; second++) await world.run(1_000);
    expect(world.release(1).state).toBe('production ready');
  });

  it('acknowledges a command while the queue is away and goes on when it is back', async () => {
    const world = new CoreWorld();
    world.queue.away = true;
    const answer = await world.push('one');
    expect(isRefusal(answer)).toBe(false);
    await expect(world.round()).rejects.toThrow();
    world.queue.away = false;
    await world.run(5_000);
    expect(world.release(1).state).toBe('production ready');
  });

  it('fails no more than the round when the queue goes away while outcomes are read', async () => {
    const world = new CoreWorld();
    await world.push('one');
    await world.round();
    const { queue } = world;
    const ended = queue.ended.bind(queue);
    queue.ended = async function* () {
      yield* ended();
      throw new Error('the queue is away');
    };
    const release = queue.release.bind(queue);
    const released = new Promise<void>((resolve) => {
      queue.release = async () => {
        setImmediate(resolve);
        throw new Error('the queue is away');
      };
    });
    await expect(recordEnded(world.parts, world.deciding, new Reports(Date.now))).rejects.toThrow(
      'the queue is away',
    );
    // A failure that nobody waits for would end the process.
    await released;
    queue.ended = ended;
    queue.release = release;
    await world.run(5_000);
    expect(world.release(1).state).toBe('production ready');
  });

  it('tells the worker of what is stopped, though Bakery died before it had noted that the queue took it', async () => {
    const world = new CoreWorld();
    world.parts.ledger.enqueued = async () => undefined;
    world.say = ({ kind }) => (kind === 'build' ? 'hang' : undefined);
    await world.push('one');
    await world.round();
    const [building] = world.hanging;
    if (building === undefined) throw new Error('Nothing is being built.');
    await world.do({ do: 'cancel release', service: 'hello', version: 1, by: ada });
    await stopTasks(world.parts, world.deciding);
    expect([...world.queue.cancelled]).toEqual([attemptId(building)]);
    expect(world.release(1).state).toBe('stopping');
    await world.run(5_000);
    expect(world.release(1).state).toBe('cancelled');
  });

  it('tries again what a lost worker had begun, and gives up nothing', async () => {
    const world = new CoreWorld();
    let lost = 0;
    world.say = ({ kind }) => {
      if (kind !== 'build' || lost++ > 3) return undefined;
      return { is: 'failed', failure: { fault: 'worker lost', sentence: 'gone' } };
    };
    await world.push('one');
    await world.run(5_000);
    expect(world.release(1).state).toBe('production ready');
  });

  it('starts a lost instance again from the same image and settings', async () => {
    const world = await withV1();
    world.running.delete('launch.hello.production.1.0.g1');
    await world.survey();
    await world.run(30_000);
    const slot = world.slot('production');
    expect(slot.live).toMatchObject({ version: 1, deployment: 'hello.production.2' });
    expect(world.weights.get('hello.production')).toEqual({ 'launch.hello.production.2.0.g1': 100 });
    expect(world.deployment('hello.production.2')).toMatchObject({ kind: 'repair', state: 'finished' });
  });
});
