import type { Millis } from '../../pipeline/domain/time.ts';
import { type LaunchOrder, ProviderError } from '../../pipeline/provider.ts';
import { commandFailure, tookTooLong } from '../command-failure.ts';
import { type Said, shown } from './command-reports.ts';

/** How many lines stand beside a failure. */
export const shownLines = 40;
/** By how much the clocks of Bakery, its cloud and its object store may differ. */
const clocks: Millis = 30_000;
/** How long a machine may need to tell how its command ended. */
const telling: Millis = 60_000;
/** How much longer than that it may tell it, as far as its addresses are good. */
const goodFor: Millis = 10 * 60_000;

/** A command's machine as its cloud shows it: `over` is switched off, or gone. */
export interface CommandMachine {
  state: 'starting' | 'on' | 'ending' | 'over';
  /** Since it was made. */
  elapsed: Millis;
}

/** The times of a command, of which `begins` is what the cloud's machines get to begin it. */
export const timesOf = (
  { spec: { health, grace } }: Pick<LaunchOrder, 'spec'>,
  begins: Millis,
): { begins: Millis; silent: Millis; lasts: Millis } => {
  const silent = begins + health.within + grace + clocks + telling;
  return { begins, silent, lasts: silent + goodFor };
};

/** Why it is waited for; undefined when nobody may wait for it any more. */
export function waitsFor(
  { began }: Said,
  { state, elapsed }: CommandMachine,
  { begins, silent }: { begins: Millis; silent: Millis },
): string | undefined {
  if (state === 'over') return undefined;
  if (state === 'ending') return 'its machine is being switched off';
  if (began !== undefined) return elapsed > silent ? undefined : 'the command is at work';
  // No machine begins what it may not begin any more: its address for that is no longer good.
  if (elapsed > begins + clocks) return undefined;
  return state === 'starting' ? 'the machine is starting' : 'the machine has not begun the command yet';
}

const unknown =
  'Nobody knows how far it got: look at the database, then retry, which runs it again from its beginning.';

/** How a command ended whose machine told it. Nothing is thrown when it ended well. */
export function checkEnd(end: NonNullable<Said['end']>, { spec }: Pick<LaunchOrder, 'spec'>): void {
  const lines = shown(end.lines, shownLines);
  if (end.is === 'not begun')
    throw new ProviderError(
      'bad settings',
      `The command was not begun, since its settings could not be put in place: ${end.sentence.replace(/\.?$/, '.')} No database was changed; correct them, then retry.`,
      { lines },
    );
  if (end.is === 'interrupted')
    throw new ProviderError(
      'exited',
      `The command was ended from outside, by its machine being switched off or started anew. ${unknown}`,
      { lines },
    );
  const { result, status } = end;
  if (result === 'success' && status === 0) return;
  if (result === 'timeout') throw commandFailure('timeout', tookTooLong(spec.health.within), lines);
  throw commandFailure('exited', howItEnded(result, status), lines);
}

/** By systemd's word for it (systemd.exec(5), `$SERVICE_RESULT`). */
function howItEnded(result: string, status: number): string {
  switch (result) {
    case 'exit-code':
      return `ended with exit code ${status}`;
    case 'signal':
    case 'core-dump':
      return `was ended by the signal ${status}`;
    case 'oom-kill':
      return 'was killed because its machine had no memory left';
    default:
      return `could not be run to its end (${result})`;
  }
}

/** Why a command came to nothing whose machine is not waited for any more, and told no end. */
export function silence(
  { began }: Said,
  { state }: CommandMachine,
  { begins, lines }: { begins: Millis; lines: string[] },
): ProviderError {
  const over = state === 'over';
  const sentence =
    began !== undefined
      ? `${over ? 'The machine of the command ended before it told how the command ended' : 'The machine has not told how the command ended, long after its time'}. ${unknown}`
      : over
        ? 'The machine ended before it began the command. No database was changed; look who ended it, or whether it reaches the object store, then retry.'
        : `The machine did not begin the command within ${begins / 1_000} s, and begins it no more. No database was changed; see whether it reaches the object store, then retry.`;
  return new ProviderError(over ? 'exited' : 'timeout', sentence, { lines });
}
