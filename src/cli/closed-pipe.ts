import type { EventEmitter } from 'node:events';

/** What goes on when nobody reads what it prints any more. */
const lasting: ReadonlySet<string> = new Set(['start', 'bot', 'worker', 'demo']);
/** What a shell says of a program that was ended by SIGPIPE. */
const brokenPipe = 141;

/**
 * Whoever pipes a command into `head` has read enough: it ends without a word. Services go on without their output.
 * `command` is asked when it happens.
 */
export function endOnClosedPipe(
  stdout: Pick<EventEmitter, 'on'>,
  command: () => string,
  exit: (code: number) => void,
): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!lasting.has(command())) exit(brokenPipe);
  });
}
