import { type IQueueBackend, Queue } from 'bullmq';
import type { Outcome } from '../pipeline/domain/task.ts';
import type { Millis } from '../pipeline/domain/time.ts';
import { type Attempt, attemptId, type Ended, type TaskQueue } from '../pipeline/task-queue.ts';
import { messageOf, QueueAway, settles, within } from './away.ts';
import { allMarked, mark, unmark } from './cancel-mark.ts';
import { readEnded, readReported } from './ended.ts';
import { followEvents } from './events.ts';
import type { CoordinatorSetting } from './setting.ts';

type Attempts = Queue<Attempt, Outcome, string, Attempt, Outcome, string, IQueueBackend, unknown>;

/** Every state in which a job can be, in the order in which jobs go through them, so that none slips past. */
const states = ['delayed', 'waiting', 'prioritized', 'active', 'completed', 'failed'] as const;
const page = 100;

/** The coordinator's side of the queue. Waits at most one call for a first connection, and works without one. */
export async function openCoordinator(set: CoordinatorSetting): Promise<TaskQueue> {
  let opened: Attempts | undefined;
  const told = new Set<string>();
  const wakes: (() => void)[] = [];
  const ends: ((ended: Ended) => void)[] = [];
  const notes: ((id: string, text: string) => void)[] = [];

  const queue = async (): Promise<Attempts> => {
    await set.link.reachable();
    if (opened) return opened;
    const made = newQueue(set);
    try {
      await made.waitUntilReady();
    } catch (thrown) {
      await made.close().catch(() => {});
      throw thrown;
    }
    if (opened) await made.close();
    else opened = made;
    return opened;
  };

  /** One call: at once when the server is away, and never longer than the deadline. */
  const ask = <T>(what: string, call: (queue: Attempts) => Promise<T>): Promise<T> => {
    const asked = queue().then(call).catch(rethrowAsAway(what));
    const late = `The queue (${set.link.kind}) did not answer within ${set.timings.call} ms when asked to ${what}. It may still do it; the sweep looks again.`;
    return within(asked, set.timings.call, late);
  };

  const forgetOldMarks = async (): Promise<void> => {
    const marks = await ask('list cancels', (q) => allMarked(q.getBackend()));
    if (marks.length === 0) return;
    const held = await self.held(marks);
    for (const id of held) told.add(id);
    const old = marks.filter((id) => !held.has(id));
    if (old.length > 0) await ask('forget cancels', (q) => unmark(q.getBackend(), old));
  };

  const self: TaskQueue = {
    add: async (attempt, delay: Millis) => {
      const jobId = attemptId(attempt);
      await ask(`add ${jobId}`, (q) => q.add(attempt.kind, attempt, { jobId, delay }));
    },
    ended: async function* (): AsyncGenerator<Ended> {
      const ids = await ask('list ended attempts', async (q) =>
        (await q.getBackend().getRanges(['completed', 'failed'], 0, -1)).flat(),
      );
      for (let at = 0; at < ids.length; at += page) {
        const some = ids.slice(at, at + page);
        const jobs = await ask('read ended attempts', (q) =>
          Promise.all(some.map((id) => q.getBackend().getJobData(id))),
        );
        for (const [n, job] of jobs.entries()) {
          const id = some[n];
          if (job && id !== undefined) yield readEnded(id, job);
        }
      }
    },
    release: async (id) => {
      await ask(`release ${id}`, async (q) => {
        await q.remove(id, { removeChildren: false });
        if (told.delete(id)) await unmark(q.getBackend(), [id]);
      });
    },
    held: async (ids) => {
      if (ids.length === 0) return new Set();
      const there = await ask('list attempts', (q) => q.getBackend().getRanges([...states], 0, -1));
      const all = new Set<string>(there.flat());
      return new Set(ids.filter((id) => all.has(id)));
    },
    cancel: (id) =>
      ask(`cancel ${id}`, async (q) => {
        const state = await q.getBackend().getState(id);
        if (state === 'unknown') return 'unknown';
        if (state === 'completed' || state === 'failed') return 'told'; // it has reported already
        // Begun since we looked: its lock keeps it from being removed, and it is told instead.
        if (state !== 'active' && (await q.remove(id, { removeChildren: false })) === 1) return 'removed';
        told.add(id);
        await mark(q.getBackend(), id);
        return 'told';
      }),
    onWake: (wake) => void wakes.push(wake),
    onEnded: (tell) => void ends.push(tell),
    onProgress: (note) => void notes.push(note),
    ping: () => ask('answer', (q) => q.getBackend().getQueueMetaField('version')).then(() => undefined),
    counts: () =>
      ask('count', async (q) => {
        const { waiting = 0, active = 0, delayed = 0 } = await q.getJobCounts('waiting', 'active', 'delayed');
        return { waiting, active, delayed };
      }),
    close: async () => {
      await events.close();
      if (opened) await settles(opened.close(), set.timings.call);
    },
  };

  const events = followEvents(set, {
    wake: () => {
      for (const wake of wakes) wake();
    },
    ended: (id, reported) => {
      for (const tell of ends) tell(readReported(id, reported));
    },
    note: (id, text) => {
      for (const note of notes) note(id, text);
    },
  });
  await forgetOldMarks().catch((thrown) => set.log.warn({ err: thrown }, 'queue is away'));
  return self;
}

function newQueue(set: CoordinatorSetting): Attempts {
  const made: Attempts = new Queue(
    set.queueName,
    {
      ...(set.link.prefix ? { prefix: set.link.prefix } : {}),
      connection: set.link.caller.connection,
      ...(set.telemetry === undefined ? {} : { telemetry: set.telemetry }),
      // Without it a connection that is cut during the first INFO stays broken for good.
      skipVersionCheck: true,
      streams: { events: { maxLen: 2_000 } },
      defaultJobOptions: { attempts: 1, removeOnComplete: false, removeOnFail: false, stackTraceLimit: 0 },
    },
    set.link.caller.factory,
  );
  made.on('error', () => {}); // the link says when the server is away; each call fails by itself
  return made;
}

const rethrowAsAway =
  (what: string) =>
  (thrown: unknown): never => {
    if (thrown instanceof QueueAway) throw thrown;
    throw new QueueAway(
      `The queue could not ${what}: ${messageOf(thrown)}. Nothing else was changed; the sweep tries again.`,
      { cause: thrown },
    );
  };
