import type { IQueueBackend } from 'bullmq';

/**
 * How a coordinator tells a worker to end an attempt: a field in the queue's own metadata, which every backend of
 * BullMQ has, read once per renewal for all attempts of a worker together.
 */
const field = (id: string): string => `cancel.${id}`;

export const mark = (queue: IQueueBackend, id: string): Promise<unknown> =>
  queue.setQueueMeta({ [field(id)]: '1' });

export const unmark = (queue: IQueueBackend, ids: string[]): Promise<unknown> =>
  queue.removeQueueMetaFields(ids.map(field));

/** Those of the ids that are to end. */
export async function marked(queue: IQueueBackend, ids: string[]): Promise<string[]> {
  const marks = await queue.getQueueMetaFields(ids.map(field));
  return ids.filter((_, at) => marks[at] != null);
}

/** All ids that are marked, held or not. */
export async function allMarked(queue: IQueueBackend): Promise<string[]> {
  const prefix = field('');
  return Object.keys(await queue.getQueueMeta())
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
}
