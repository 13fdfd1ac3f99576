import type { Attempt } from '../../src/pipeline/task-queue.ts';
import { openQueue } from '../../src/queue/open-queue.ts';
import type { Timings } from '../../src/queue/timings.ts';

/**
 * A worker process for the queue's tests: takes attempts, says so on stdout and holds them until they are aborted.
 * With `add` it is coordinator as well and adds that attempt.
 */
interface Setting {
  url: string;
  prefix: string;
  timings: Partial<Timings>;
  add?: Attempt;
}

const { url, prefix, timings, add } = JSON.parse(process.argv[2] ?? '') as Setting;
const say = (line: string) => process.stdout.write(`${line}\n`);
const backend = await openQueue(url, { prefix, timings });
if (add) await (await backend.queue()).add(add, 0);
await backend.worker(
  async (attempt, { signal }) => {
    say(`begun ${attempt.effect}`);
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    const why: unknown = signal.reason?.why;
    say(`aborted ${attempt.effect} ${why}`);
    return { is: 'done', result: { removed: -1 } };
  },
  { concurrency: 1, name: 'held' },
);
say('ready');
