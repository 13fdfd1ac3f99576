import type { Millis } from './domain/time.ts';

export interface CommandOrder {
  argv: string[];
  cwd: string;
  /** The whole environment: nothing of Bakery's own is added but PATH, HOME (the scratch folder), LANG and TMPDIR. */
  env: Record<string, string>;
  timeout: Millis;
  signal: AbortSignal;
  /** Each line of stdout and stderr, as it comes, already cut to a bounded length. */
  onLine(line: string): void;
}

export type CommandEnd =
  | { exit: number; lastLines: string[] }
  | { killed: 'timeout' | 'aborted'; lastLines: string[] }
  | { notStarted: string; lastLines: string[] };

/**
 * Runs a command under a keeper process that ends its whole process group when the worker is gone, the signal
 * aborts or the time is up. Never a shell: an argument list.
 */
export interface Commands {
  run(order: CommandOrder): Promise<CommandEnd>;
}
