import type { IQueueBackend } from 'bullmq';
import type { At, Millis } from '../pipeline/domain/time.ts';
import { settles } from './away.ts';

/** A worker as it last said that it is there. */
export interface WorkerSeen {
  name: string;
  /** Bakery's version there. */
  version: string;
  at: At;
}

/** How often a worker says so: twice within what counts as lately. */
export const presenceEvery: Millis = 30_000;
/** One that was killed is counted for so long. */
const lately: Millis = 3 * presenceEvery;
/** Nobody asks any more for a worker that was last seen longer ago. */
const forgottenAfter: Millis = 24 * 3_600_000;
/** How long leaving may take to be said. */
const goodbye: Millis = 500;

const field = (name: string): string => `worker.${name}`;

/** Writes into the queue's own metadata that a worker is there, and forgets those that were not seen for a day. Returns how many were seen lately. */
async function sayPresent(queue: IQueueBackend, { name, version, at }: WorkerSeen): Promise<number> {
  await queue.setQueueMeta({ [field(name)]: JSON.stringify({ version, at }) });
  const all = await workersSeen(queue);
  const old = all.filter((worker) => at - worker.at > forgottenAfter);
  if (old.length > 0) await queue.removeQueueMetaFields(old.map((worker) => field(worker.name)));
  return all.filter((worker) => at - worker.at <= lately).length;
}

/** It stops by itself, and nobody need look for it. */
const sayGone = (queue: IQueueBackend, name: string): Promise<unknown> =>
  queue.removeQueueMetaFields([field(name)]);

/**
 * Says now and every 30 s that a worker is there, when its version is known, and tells `among` how many are; returns what
 * says that it leaves. Never throws.
 */
export function staysPresent(
  queue: IQueueBackend,
  { name, version }: { name: string; version?: string },
  among: (workers: number) => void,
): () => Promise<void> {
  if (version === undefined) return async () => {};
  // When the server is away nobody can ask it either.
  const say = () => void sayPresent(queue, { name, version, at: Date.now() }).then(among, () => {});
  say();
  const timer = setInterval(say, presenceEvery);
  return async () => {
    clearInterval(timer);
    await settles(sayGone(queue, name), goodbye);
  };
}

/** Every worker that said within a day that it was there, and did not say that it left. */
export async function workersSeen(queue: Pick<IQueueBackend, 'getQueueMeta'>): Promise<WorkerSeen[]> {
  const prefix = field('');
  return Object.entries(await queue.getQueueMeta())
    .filter(([name]) => name.startsWith(prefix))
    .flatMap(([name, text]) => seen(name.slice(prefix.length), String(text)));
}

function seen(name: string, text: string): WorkerSeen[] {
  try {
    const { version, at }: Partial<WorkerSeen> = JSON.parse(text);
    return typeof version === 'string' && typeof at === 'number' ? [{ name, version, at }] : [];
  } catch {
    return [];
  }
}
