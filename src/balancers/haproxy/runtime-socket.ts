import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { systemCode } from '../../pipeline/disk-fault.ts';
import type { Fault } from '../../pipeline/domain/fault.ts';
import type { Millis } from '../../pipeline/domain/time.ts';
import { ProviderError } from '../../pipeline/provider.ts';

/** What the runtime socket answers when the level of the socket is below what a command needs. */
const refused = /^Permission denied/m;

/** How soon a socket is tried again whose queue is full. */
const again: Millis = 20;

/**
 * One line of commands to HAProxy's runtime socket (a path, or `host:port`), and all that it answers. HAProxy does
 * the commands of a line one after the other and closes. Throws `unreachable`, `denied` or `aborted`; a line that
 * was cut off may have been done, so every caller reads back. Where too many ask at once it waits for its turn.
 */
export async function askHaproxy(
  address: string,
  line: string,
  limit: Millis,
  signal?: AbortSignal,
): Promise<string> {
  const end = performance.now() + limit;
  for (;;) {
    try {
      return await askOnce(address, line, Math.max(1, Math.ceil(end - performance.now())), signal);
    } catch (error) {
      if (!isCrowded(error) || performance.now() + again >= end) throw error;
      await pause(again);
    }
  }
}

/** The kernel has no more room for who waits to be let in (unix(7)): nothing was said yet. */
const isCrowded = (error: unknown): boolean =>
  error instanceof ProviderError && systemCode(error.cause) === 'EAGAIN';

function askOnce(address: string, line: string, limit: Millis, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(target(address));
    const fail = (fault: Fault, sentence: string, cause?: unknown): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new ProviderError(fault, sentence, { cause }));
    };
    const timer = setTimeout(
      () => fail('unreachable', `HAProxy at ${address} did not answer within ${limit} ms.`),
      limit,
    );
    const stop = (): void => fail('aborted', 'The call to HAProxy was cancelled.');
    if (signal?.aborted) return stop();
    signal?.addEventListener('abort', stop, { once: true });
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', (error) => fail(faultOf(error), sentenceOf(address, error), error));
    socket.on('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      if (refused.test(answer))
        fail('denied', `The socket ${address} may only look. Give its \`stats socket\` the \`level admin\`.`);
      else resolve(answer);
    });
    socket.end(`${line}\n`);
  });
}

function target(address: string): { path: string } | { host: string; port: number } {
  const tcp = /^(?<host>[^/]+):(?<port>\d+)$/.exec(address)?.groups;
  if (tcp === undefined) return { path: address };
  return { host: tcp['host'] ?? '', port: Number(tcp['port']) };
}

const faultOf = (error: Error): Fault =>
  ['EACCES', 'EPERM'].includes(systemCode(error) ?? '') ? 'denied' : 'unreachable';

const sentenceOf = (address: string, error: Error): string =>
  faultOf(error) === 'denied'
    ? `Bakery's user may not open HAProxy's socket ${address}. Nothing was changed. Give its \`stats socket\` a \`group\` that Bakery is in, and \`mode 660\`.`
    : `HAProxy cannot be reached at ${address}: ${error.message}. Nothing was changed by this call. Look whether it runs.`;
