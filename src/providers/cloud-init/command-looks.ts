import type { Millis } from '../../pipeline/domain/time.ts';
import { type Call, type LaunchOrder, notYet, type Reply } from '../../pipeline/provider.ts';
import { type CommandMachine, shownLines, silence, timesOf, waitsFor } from './command-end.ts';
import type { CommandReports, Said } from './command-reports.ts';

/** The next look at a machine that was made `elapsed` ms ago: at most a tenth of its time too late, and at most 3 s. */
export const soonAgain = (elapsed: Millis): Millis => Math.min(3_000, 500 + Math.max(0, elapsed) / 10);

interface Looked {
  order: LaunchOrder;
  said: Said;
  seen: CommandMachine;
  begins: Millis;
  reports: CommandReports;
  /** What the machine itself said on its console. */
  console(): Promise<string[]>;
}

/**
 * What comes of a look at a command that told no end: it is waited for, or given up with the lines that it told, and
 * with those of its machine where it never began.
 */
export async function waited(looked: Looked, call: Call): Promise<Reply<never>> {
  const { order, said, seen, begins, reports, console } = looked;
  const note = waitsFor(said, seen, timesOf(order, begins));
  if (note !== undefined) return notYet(soonAgain(seen.elapsed), note);
  const lines =
    said.began === undefined
      ? (await console()).slice(-shownLines)
      : await reports.lines(order.mark, shownLines, call);
  throw silence(said, seen, { begins, lines });
}
