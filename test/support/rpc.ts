/** Questions and answers over the channel between a test and a process that it started. */
interface Channel {
  send?(message: unknown): unknown;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

type Handlers = Record<string, (given: never) => unknown>;

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

/** Answers what the other side asks with `handlers`; returns how to ask it. An answer of a side that died never comes. */
export function rpc(
  channel: Channel,
  handlers: Handlers,
): (ask: string, given?: unknown) => Promise<unknown> {
  const open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let count = 0;
  const answer = async ({ ask, id, given }: Question): Promise<void> => {
    try {
      const value = await handlers[ask]?.(given as never);
      channel.send?.({ reply: id, value } satisfies Reply);
    } catch (error) {
      channel.send?.({
        reply: id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  };
  channel.on('message', (message) => {
    if (typeof message !== 'object' || message === null) return;
    if (isQuestion(message)) void answer(message);
    if (!isReply(message)) return;
    const waiting = open.get(message.reply);
    open.delete(message.reply);
    if (message.error === undefined) waiting?.resolve(message.value);
    else waiting?.reject(new Error(message.error));
  });
  return (ask, given) =>
    new Promise((resolve, reject) => {
      open.set(++count, { resolve, reject });
      channel.send?.({ ask, id: count, given } satisfies Question);
    });
}
