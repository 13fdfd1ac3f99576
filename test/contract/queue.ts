import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/pipeline/domain/task.ts';
import {
  type Attempt,
  attemptId,
  type Ended,
  type QueueBackend,
  type RunAttempt,
  type TaskQueue,
} from '../../src/pipeline/task-queue.ts';
import { AttemptAborted } from '../../src/queue/aborted.ts';
import { lookAtQueue } from '../../src/queue/look.ts';
import { openQueue } from '../../src/queue/open-queue.ts';
import { standardTimings, type Timings } from '../../src/queue/timings.ts';
import { killChildren, startChild } from '../support/child.ts';
import { eventually as until } from '../support/eventually.ts';

export interface QueueRig {
  kind: QueueBackend['kind'];
  /** Asked when a test runs. */
  url(): string;
  /** Shorter times than the standard ones, so that the suite does not take long. */
  timings: Partial<Timings>;
  /** Whether several processes can use it at once; else the whole process is killed and opened again. */
  shared: boolean;
  /** Takes the server away and brings it back, keeping its data. */
  server?: { stop(): Promise<void>; start(): Promise<void> };
}

const child = new URL('../support/queue-process.ts', import.meta.url);
const done = (removed: number): Outcome => ({ is: 'done', result: { removed } });

/** What every backend of the queue promises. The titles are the promises. */
export function queueContract(rig: QueueRig): void {
  const timings: Timings = { ...standardTimings, ...rig.timings };
  const opened: QueueBackend[] = [];
  const freshPrefix = () => `test-${randomBytes(6).toString('hex')}`;

  const open = async (prefix = freshPrefix(), own: Partial<Timings> = rig.timings): Promise<QueueBackend> => {
    const backend = await openQueue(rig.url(), { prefix, timings: own });
    opened.push(backend);
    return backend;
  };
  const start = async (run: RunAttempt, concurrency = 4) => {
    const backend = await open();
    const queue = await backend.queue();
    const worker = await backend.worker(run, { concurrency, name: 'w' });
    return { backend, queue, worker };
  };
  let count = 0;
  const attempt = (more: Partial<Attempt> = {}): Attempt => ({
    effect: `terminate-${++count}`,
    generation: 1,
    attempt: 1,
    kind: 'terminate',
    input: { n: count },
    log: 'log',
    limit: 60_000,
    ...more,
  });
  const endedOf = async (queue: TaskQueue): Promise<Ended[]> => {
    const all: Ended[] = [];
    for await (const ended of queue.ended()) all.push(ended);
    return all;
  };
  const endOf = (queue: TaskQueue, id: string, ms = 10_000): Promise<Ended> =>
    until(`${id} ended`, ms, async () => (await endedOf(queue)).find((ended) => ended.id === id));

  afterEach(async () => {
    killChildren();
    await Promise.all(opened.splice(0).map((backend) => backend.close()));
  });

  describe(`the ${rig.kind} queue`, { timeout: 60_000 }, () => {
    test('carries an attempt to a worker and its outcome back', async () => {
      const { queue } = await start(async ({ input, known }) => ({
        is: 'not yet',
        again: 5,
        known: { input, known },
      }));
      const one = attempt({ known: 'a hint' });
      await queue.add(one, 0);
      const { outcome } = await endOf(queue, attemptId(one));
      expect(outcome).toEqual({ is: 'not yet', again: 5, known: { input: one.input, known: 'a hint' } });
    });

    test('does nothing when an id is added again in any state', async () => {
      const began: string[] = [];
      let finish = () => {};
      const finished = new Promise<void>((resolve) => (finish = resolve));
      const backend = await open();
      const queue = await backend.queue();
      const [waits, later] = [attempt(), attempt()];
      for (const again of [1, 2]) await queue.add({ ...waits, input: again }, 0);
      for (const again of [1, 2]) await queue.add({ ...later, input: again }, again === 1 ? 60_000 : 0);
      expect(await queue.counts()).toEqual({ waiting: 1, active: 0, delayed: 1 });
      const circular: Record<string, unknown> = {};
      circular.self = circular;
      await backend.worker(
        async ({ effect, input }) => {
          began.push(`${effect} ${JSON.stringify(input)}`);
          await finished;
          return effect === waits.effect ? done(1) : { is: 'not yet', again: 1, known: circular };
        },
        { concurrency: 4, name: 'w' },
      );
      await until('it runs', 10_000, () => began.length === 1);
      await queue.add(waits, 0);
      const failing = attempt();
      await queue.add(failing, 0);
      finish();
      await endOf(queue, attemptId(waits));
      const lost = await endOf(queue, attemptId(failing));
      expect(lost.outcome).toMatchObject({ is: 'lost' });
      for (const held of [waits, failing]) await queue.add(held, 0);
      await queue.add(attempt({ effect: 'last' }), 0);
      await endOf(queue, 'last.1.1');
      expect(began.map((line) => line.split(' ')[0])).toEqual([waits.effect, failing.effect, 'last']);
      expect(began[0]).toBe(`${waits.effect} 1`);
    });

    test('runs an id again once it was released', async () => {
      let runs = 0;
      const { queue } = await start(async () => done(++runs));
      const one = attempt();
      await queue.add(one, 0);
      await endOf(queue, attemptId(one));
      await queue.release(attemptId(one));
      expect(await endedOf(queue)).toEqual([]);
      await queue.add(one, 0);
      expect((await endOf(queue, attemptId(one))).outcome).toEqual(done(2));
    });

    test('begins a delayed attempt when its time has come', async () => {
      let began = 0;
      const { queue } = await start(async () => {
        began = performance.now();
        return done(1);
      });
      const one = attempt();
      const added = performance.now();
      await queue.add(one, 700);
      await endOf(queue, attemptId(one));
      expect(began - added).toBeGreaterThan(690);
      expect(began - added).toBeLessThan(2_200);
    });

    test('pages through 250 ended attempts while they are released', async () => {
      const { queue } = await start(async () => done(1), 20);
      const all = Array.from({ length: 250 }, () => attempt());
      await Promise.all(all.map((one) => queue.add(one, 0)));
      await until('all ended', 20_000, async () => {
        const { waiting, active } = await queue.counts();
        return waiting + active === 0;
      });
      const held = await queue.held([...all.map(attemptId), 'never.1.1']);
      expect(held.size).toBe(250);
      const seen: string[] = [];
      for await (const { id } of queue.ended()) {
        seen.push(id);
        await queue.release(id);
      }
      expect(seen.toSorted()).toEqual(all.map(attemptId).toSorted());
      expect(await queue.held(seen)).toEqual(new Set());
    });

    test('knows which ids it holds in every state', async () => {
      const backend = await open();
      const queue = await backend.queue();
      const [waits, later] = [attempt(), attempt()];
      await queue.add(waits, 0);
      await queue.add(later, 60_000);
      const ids = [attemptId(waits), attemptId(later)];
      expect(await queue.held([...ids, 'other.1.1'])).toEqual(new Set(ids));
      await queue.release(attemptId(later));
      expect(await queue.held(ids)).toEqual(new Set([attemptId(waits)]));
    });

    test('reports an exception in a task as a bug with a sentence', async () => {
      const { queue } = await start(async () => {
        throw new Error('index out of range');
      });
      const one = attempt();
      await queue.add(one, 0);
      const { outcome } = await endOf(queue, attemptId(one));
      expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'bug' } });
      expect(JSON.stringify(outcome)).toContain('index out of range');
    });

    test('does not take a slow worker for a dead one', async () => {
      let runs = 0;
      const aborted: unknown[] = [];
      const { backend, queue } = await start(async (_, { signal, leaseLeft }) => {
        runs++;
        const end = performance.now() + timings.lock * 2.5;
        let least = timings.lock;
        await until('it is over', timings.lock * 4, () => {
          least = Math.min(least, leaseLeft());
          return performance.now() > end;
        });
        if (signal.aborted) aborted.push(signal.reason);
        return done(Math.round(least));
      });
      await backend.worker(async () => done(-1), { concurrency: 1, name: 'other' });
      const all = [attempt(), attempt(), attempt(), attempt(), attempt()];
      for (const one of all) await queue.add(one, 0);
      const ends = await Promise.all(all.map((one) => endOf(queue, attemptId(one), timings.lock * 6)));
      expect(aborted).toEqual([]);
      expect(runs).toBeLessThanOrEqual(5);
      expect(ends.every(({ outcome }) => outcome.is === 'done')).toBe(true);
    });

    test.runIf(rig.shared)(
      'tells who looks which workers are there, of which version, until they leave',
      async () => {
        const prefix = freshPrefix();
        expect((await lookAtQueue(rig.url(), prefix)).workers).toEqual([]);
        const backend = await open(prefix);
        const options = { concurrency: 1, version: '1.2.3' };
        const here = await backend.worker(async () => done(1), { ...options, name: 'here-1' });
        const there = await backend.worker(async () => done(1), { ...options, name: 'there-2' });
        const names = async (): Promise<string[]> =>
          (await lookAtQueue(rig.url(), prefix)).workers.map(({ name, version }) => `${name} ${version}`);
        await until('both are seen', 10_000, async () => (await names()).length === 2);
        expect((await names()).toSorted()).toEqual(['here-1 1.2.3', 'there-2 1.2.3']);
        // Whoever comes knows of all that were there; the others hear of it within half a minute.
        expect(Math.max(here.among(), there.among())).toBe(2);
        await here.close();
        await until('one has left', 10_000, async () => (await names()).join() === 'there-2 1.2.3');
        const { server, skew } = await lookAtQueue(rig.url(), prefix);
        expect(server).toMatch(/^(Redis|PostgreSQL) \d+\.\d+/);
        expect(Math.abs(skew)).toBeLessThan(1_000);
      },
    );

    test('cancels an attempt that waits or is delayed by removing it', async () => {
      const queue = await (await open()).queue();
      const [waits, later] = [attempt(), attempt()];
      await queue.add(waits, 0);
      await queue.add(later, 60_000);
      for (const one of [waits, later]) expect(await queue.cancel(attemptId(one))).toBe('removed');
      expect(await queue.held([attemptId(waits), attemptId(later)])).toEqual(new Set());
      expect(await queue.cancel(attemptId(waits))).toBe('unknown');
    });

    test('tells the worker of a running attempt that it is cancelled within a renewal', async () => {
      const causes: unknown[] = [];
      const { queue } = await start(async (one, { signal }) => {
        if (one.effect === 'fresh') return done(7);
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        causes.push(signal.reason);
        return {
          is: 'failed',
          failure: { fault: 'command failed', sentence: 'killed', lines: ['last line'] },
        };
      });
      const one = attempt({ effect: 'cancelled' });
      await queue.add(one, 0);
      await until('it runs', 5_000, async () => (await queue.counts()).active === 1);
      expect(await queue.cancel(attemptId(one))).toBe('told');
      const { outcome } = await endOf(queue, attemptId(one), 4_000);
      expect(causes[0]).toBeInstanceOf(AttemptAborted);
      expect(causes[0]).toMatchObject({ why: 'cancelled' });
      expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'aborted', lines: ['last line'] } });
      expect(await queue.cancel(attemptId(one))).toBe('told');
      await queue.release(attemptId(one));
      expect(await queue.cancel(attemptId(one))).toBe('unknown');
    });

    test('aborts an attempt at its limit and reports a timeout even for a handler that hangs', async () => {
      const { queue } = await start((one, { signal }) => {
        if (one.effect === 'hangs') return new Promise(() => {});
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      });
      const [polite, hangs] = [
        attempt({ effect: 'polite', limit: 200 }),
        attempt({ effect: 'hangs', limit: 200 }),
      ];
      for (const one of [polite, hangs]) await queue.add(one, 0);
      for (const one of [polite, hangs]) {
        const { outcome } = await endOf(queue, attemptId(one), timings.grace + 5_000);
        expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'timeout' } });
      }
    });

    test('joins the run it has when a blocked worker is given its own attempt again', async () => {
      let runs = 0;
      const causes: unknown[] = [];
      const { queue } = await start(async (_, { signal }) => {
        runs++;
        const wake = performance.now() + timings.lock + 2 * timings.stalled;
        while (performance.now() < wake); // the loop is blocked, as by heavy work
        const end = performance.now() + 5 * timings.stalled + 500;
        await until('it was given again', 60_000, () => performance.now() > end);
        causes.push(signal.reason?.why);
        return done(runs);
      });
      const one = attempt();
      await queue.add(one, 0);
      expect((await endOf(queue, attemptId(one), 60_000)).outcome).toEqual(done(1));
      expect(runs).toBe(1);
      // In one process with its database, the lock is renewed before anybody else can look: then it was never lost.
      expect(causes).toEqual([rig.shared ? 'lock lost' : undefined]);
    });

    test('wakes the coordinator and passes progress on', async () => {
      const { queue } = await start(async (_, { progress }) => {
        progress('41 of 42 tests');
        return done(1);
      });
      let wakes = 0;
      const notes: string[] = [];
      queue.onWake(() => wakes++);
      queue.onEnded(() => wakes++);
      queue.onProgress((id, text) => notes.push(`${id} ${text}`));
      const told = await until('a wake and a note', 10_000, async () => {
        const one = attempt();
        await queue.add(one, 0);
        await endOf(queue, attemptId(one));
        return wakes > 0 && notes[0];
      });
      expect(told).toMatch(/^terminate-\d+\.1\.1 41 of 42 tests$/);
    });

    test('tells of an attempt that ended, with what came of it', async () => {
      const { queue } = await start(async () => done(7));
      const told: Ended[] = [];
      queue.onEnded((ended) => told.push(ended));
      const id = await until('it is told', 20_000, async () => {
        // Nobody listens yet to what ends in the first moment.
        const one = attempt();
        await queue.add(one, 0);
        await endOf(queue, attemptId(one));
        return told.find(({ id }) => id === attemptId(one))?.id;
      });
      expect(told).toContainEqual({ id, outcome: done(7) });
      expect(await endedOf(queue)).toContainEqual({ id, outcome: done(7) });
    });

    test('answers a ping and knows how far the clocks are apart', async () => {
      const backend = await open();
      await (await backend.queue()).ping();
      expect(Math.abs(await backend.clockSkew())).toBeLessThan(500);
    });

    test('waits for running attempts when it closes and aborts those that take too long', async () => {
      const causes: unknown[] = [];
      const { queue, worker } = await start(async (one, { signal }) => {
        if (one.effect !== 'long') {
          await until('a moment', 1_000, () => causes.length >= 0);
          return done(1);
        }
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        causes.push(signal.reason.why);
        return { is: 'failed', failure: { fault: 'aborted', sentence: 'ended' } };
      });
      const [short, long] = [attempt(), attempt({ effect: 'long' })];
      for (const one of [short, long]) await queue.add(one, 0);
      await until('both begun', 5_000, async () => (await queue.counts()).waiting === 0);
      await worker.close();
      expect(causes).toEqual(['worker stops']);
      expect((await endOf(queue, attemptId(short))).outcome).toEqual(done(1));
      const { outcome } = await endOf(queue, attemptId(long));
      expect(outcome).toMatchObject({ is: 'failed', failure: { fault: 'worker lost' } });
    });

    if (rig.shared) sharedPromises();
    else ownProcessPromises();
    if (rig.server) awayPromises(rig.server);
  });

  function sharedPromises(): void {
    test("lets a killed worker's attempt go on elsewhere within 15 s at the standard times", async () => {
      const prefix = freshPrefix();
      const held = await startChild(child, { url: rig.url(), prefix, timings: {} });
      await held.says('ready', 15_000);
      const backend = await open(prefix, {});
      const queue = await backend.queue();
      const one = attempt({ effect: 'orphan' });
      await queue.add(one, 0);
      await held.says('begun orphan', 5_000);
      await backend.worker(async () => done(2), { concurrency: 1, name: 'other' });
      await held.kill();
      const killed = performance.now();
      expect((await endOf(queue, attemptId(one), 20_000)).outcome).toEqual(done(2));
      expect(performance.now() - killed).toBeLessThan(15_000);
    }, 60_000);

    test('aborts the attempt of a frozen worker as it thaws and takes no second outcome', async () => {
      const prefix = freshPrefix();
      const frozen = await startChild(child, { url: rig.url(), prefix, timings: rig.timings });
      await frozen.says('ready', 15_000);
      const backend = await open(prefix);
      const queue = await backend.queue();
      const one = attempt({ effect: 'icy' });
      await queue.add(one, 0);
      await frozen.says('begun icy', 5_000);
      frozen.signal('SIGSTOP');
      await backend.worker(async () => done(2), { concurrency: 1, name: 'other' });
      expect((await endOf(queue, attemptId(one), timings.lock + 20 * timings.stalled)).outcome).toEqual(
        done(2),
      );
      frozen.signal('SIGCONT');
      expect(await frozen.says('aborted icy', 1_000)).toBe('aborted icy lock lost');
      // Once it has taken another attempt, it has done with this one.
      let heard = '';
      void frozen.says('begun after', 20_000).then((line) => (heard = line));
      await until('it takes another attempt', 20_000, async () => {
        await queue.add(attempt({ effect: `after-${++count}` }), 0);
        return heard;
      });
      const ends = (await endedOf(queue)).filter(({ id }) => id === attemptId(one));
      expect(ends).toEqual([{ id: attemptId(one), outcome: done(2) }]);
    }, 60_000);
  }

  function ownProcessPromises(): void {
    test('goes on with what ran when its process was killed and it is opened again', async () => {
      const prefix = freshPrefix();
      const add = attempt({ effect: 'orphan' });
      const held = await startChild(child, { url: rig.url(), prefix, timings: rig.timings, add });
      await held.says('begun orphan', 20_000);
      await expect(open(prefix)).rejects.toThrow(/in use by process \d+/);
      await held.kill();
      const backend = await open(prefix);
      const queue = await backend.queue();
      expect(await queue.held([attemptId(add)])).toEqual(new Set([attemptId(add)]));
      await backend.worker(async () => done(2), { concurrency: 1, name: 'other' });
      const { outcome } = await endOf(queue, attemptId(add), 15_000);
      expect(outcome).toEqual(done(2));
    }, 60_000);
  }

  function awayPromises(server: NonNullable<QueueRig['server']>): void {
    test('fails a call at once while the server is away and goes on by itself when it is back', async () => {
      const { queue, backend } = await start(async () => done(1));
      let wakes = 0;
      queue.onWake(() => wakes++);
      queue.onEnded(() => wakes++);
      const before = attempt();
      await queue.add(before, 0);
      await endOf(queue, attemptId(before));
      await server.stop();
      try {
        for (let n = 0; n < 20; n++) {
          const asked = performance.now();
          await expect(queue.add(attempt(), 0)).rejects.toThrow(/cannot be|did not answer|could not/);
          expect(performance.now() - asked).toBeLessThan(2_500);
          await expect(queue.ping()).rejects.toThrow();
          await new Promise((resolve) => setTimeout(resolve, 150));
        }
        const late = await (
          await openQueue(rig.url(), { prefix: freshPrefix(), timings: rig.timings })
        ).queue();
        await expect(late.ping()).rejects.toThrow();
        await late.close();
      } finally {
        await server.start();
      }
      await until('it answers', 10_000, () =>
        queue.ping().then(
          () => true,
          () => false,
        ),
      );
      const after = attempt();
      await queue.add(after, 0);
      expect((await endOf(queue, attemptId(after), 15_000)).outcome).toEqual(done(1));
      await backend.clockSkew();
      const already = wakes;
      await until('it wakes again', 15_000, async () => {
        const more = attempt();
        await queue.add(more, 0);
        await endOf(queue, attemptId(more));
        return wakes > already + 1;
      });
    }, 90_000);
  }
}
