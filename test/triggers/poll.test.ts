import { describe, expect, it } from 'vitest';
import { startPolling } from '../../src/triggers/poll.ts';
import { eventually } from '../support/eventually.ts';
import { frontDoor, policy } from './receiver.ts';

const minute = 60_000;

/** A poll on a clock that is stepped by hand. */
function polling(heads: Record<string, () => Promise<string | undefined>>, every = minute, released = true) {
  const door = frontDoor();
  const warnings: Record<string, unknown>[] = [];
  const waits: number[] = [];
  let now = 0;
  let timer: { at: number; call: () => void } | undefined;
  let busy = 0;
  let busiest = 0;
  const stop = startPolling({
    pipeline: door.pipeline,
    policies: () => Object.keys(heads).map((service) => policy({ service, repository: `/srv/${service}` })),
    async branchHead({ repository }) {
      busiest = Math.max(busiest, ++busy);
      try {
        return await heads[repository.slice('/srv/'.length)]?.();
      } finally {
        busy--;
      }
    },
    every,
    released: async () => released,
    onError: (service, error) => warnings.push({ service, because: String(error) }),
    clock: {
      now: () => now,
      after(wait, call) {
        waits.push(wait);
        const mine = { at: now + wait, call };
        timer = mine;
        return () => {
          if (timer === mine) timer = undefined;
        };
      },
      random: () => 0.5,
    },
  });
  /** Goes to the next planned look. */
  const fire = (): void => {
    const due = timer;
    if (due === undefined) throw new Error('nothing is planned');
    timer = undefined;
    now = due.at;
    due.call();
  };
  /** Goes to the next planned look and waits until it is over. */
  const step = async (): Promise<number> => {
    fire();
    const deadline = performance.now() + 2000;
    while (timer === undefined && performance.now() < deadline) await new Promise(setImmediate);
    return now;
  };
  return {
    ...door,
    stop,
    fire,
    step,
    waits,
    warnings,
    planned: () => timer !== undefined,
    busiest: () => busiest,
  };
}

describe('polling', () => {
  it('asks for a release when the branch points to another commit, and only then', async () => {
    let head = 'a';
    const { step, orders } = polling({ hello: async () => head });
    await step();
    await step();
    expect(orders).toEqual([{ service: 'hello', ref: 'main', by: { kind: 'poll' }, onlyNew: true }]);
    head = 'b';
    await step();
    expect(orders).toHaveLength(2);
  });

  it('leaves the first release to a person or a push, and asks from the second commit on', async () => {
    let head = 'a';
    const { step, orders } = polling({ hello: async () => head }, minute, false);
    await step();
    expect(orders).toEqual([]);
    head = 'b';
    await step();
    expect(orders).toHaveLength(1);
  });

  it('looks at each interval, spread a little', async () => {
    const { step, waits } = polling({ hello: async () => 'a' });
    await step();
    await step();
    expect(waits).toEqual([2500, minute, minute]);
  });

  it('asks a remote that fails less and less often, and as before once it answers', async () => {
    let fails = true;
    const head = async () => {
      if (fails) throw new Error('no route');
      return 'a';
    };
    const { step, warnings, orders } = polling({ hello: head });
    const began = await step();
    const looks: number[] = [];
    while (warnings.length < 8) {
      const at = await step();
      if (warnings.length > looks.length + 1) looks.push((at - began) / minute);
    }
    expect(looks).toEqual([2, 6, 14, 30, 60, 90, 120]);
    expect(warnings[0]).toEqual({ service: 'hello', because: 'Error: no route' });
    fails = false;
    while (orders.length === 0) await step();
    const before = await step();
    expect((await step()) - before).toBe(minute);
  });

  it('asks again for a commit whose release could not be asked for', async () => {
    const { step, orders, answers, warnings } = polling({ hello: async () => 'a' });
    answers.push(new Error('the ledger is away'), {
      refused: 'bad input',
      sentence: 'The repository is away.',
    });
    while (orders.length < 3) await step();
    expect(warnings.map(({ because }) => because)).toEqual([
      'Error: the ledger is away',
      'Error: The repository is away.',
    ]);
    await step();
    expect(orders).toHaveLength(3);
  });

  it('looks at one remote at a time, and a bad one does not keep it from the others', async () => {
    const slow = () => new Promise<string>((resolve) => setImmediate(() => resolve('a')));
    const { step, orders, busiest } = polling({
      one: slow,
      bad: () => Promise.reject(new Error('x')),
      two: slow,
    });
    await step();
    expect(orders.map(({ service }) => service)).toEqual(['one', 'two']);
    expect(busiest()).toBe(1);
  });

  it('asks for nothing when the remote has no such branch', async () => {
    const { step, orders, warnings } = polling({ hello: async () => undefined });
    await step();
    expect([orders, warnings]).toEqual([[], []]);
  });

  it('never looks when its interval is zero', () => {
    expect(polling({ hello: async () => 'a' }, 0).planned()).toBe(false);
  });

  it('is over when it was stopped, also in the middle of a look', async () => {
    let answer: ((sha: string) => void) | undefined;
    const { stop, fire, planned, orders } = polling({
      hello: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      later: async () => 'a',
    });
    fire();
    await eventually('the look began', 2000, () => answer);
    const stopped = stop();
    answer?.('a');
    await stopped;
    expect(orders.map(({ service }) => service)).toEqual(['hello']);
    expect(planned()).toBe(false);
  });
});
