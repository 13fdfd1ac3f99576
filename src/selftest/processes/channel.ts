import type { Millis } from '../../pipeline/domain/time.ts';

/** Questions and answers over the channel between the conductor of a run and a process that it started. */
export interface Channel {
  connected?: boolean;
  send?(message: unknown): unknown;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

interface Question {
  ask: string;
  id: number;
  given: unknown;
}

interface Reply {
  reply: number;
  value?: unknown;
  error?: string;
}

const isQuestion = (message: object): message is Question => 'ask' in message;
const isReply = (message: object): message is Reply => 'reply' in message;

/** Answers what the other side asks. */
export function answer(channel: Channel, handlers: Record<string, (given: unknown) => unknown>): void {
  channel.on('message', async (message) => {
    if (typeof message !== 'object' || message === null || !isQuestion(message)) return;
    const { ask, id, given } = message;
    try {
      channel.send?.({ reply: id, value: await handlers[ask]?.(given) } satisfies Reply);
    } catch (error) {
      channel.send?.({
        reply: id,
        error: error instanceof Error ? error.message : `${error}`,
      } satisfies Reply);
    }
  });
}

export type Ask = (ask: string, given?: unknown, within?: Millis) => Promise<unknown>;

/** How to ask the other side. Undefined when it has not answered in time: it is killed or frozen. */
export function asking(channel: Channel, usually: Millis): Ask {
  const open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let count = 0;
  channel.on('message', (message) => {
    if (typeof message !== 'object' || message === null || !isReply(message)) return;
    const { reply, value, error } = message;
    if (error === undefined) open.get(reply)?.resolve(value);
    else open.get(reply)?.reject(new Error(error));
    open.delete(reply);
  });
  return (ask, given, within = usually) =>
    new Promise((resolve, reject) => {
      if (!channel.connected) {
        resolve(undefined);
        return;
      }
      const id = ++count;
      open.set(id, { resolve, reject });
      setTimeout(() => {
        open.delete(id);
        resolve(undefined);
      }, within).unref();
      channel.send?.({ ask, id, given } satisfies Question);
    });
}
