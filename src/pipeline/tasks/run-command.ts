import type { CommandEnd, CommandOrder, Commands } from '../commands.ts';
import type { Millis } from '../domain/time.ts';
import { ProviderError } from '../provider.ts';
import type { TaskCall } from './contract.ts';

/** A command of a service, run for a stage: its lines go to the log, the newest one to the card. */
export const runLogged = async (
  order: Omit<CommandOrder, 'signal' | 'onLine'>,
  title: string,
  commands: Commands,
  call: TaskCall,
): Promise<CommandEnd> => {
  call.log(`$ ${order.argv.join(' ')}`);
  call.progress(title);
  const end = await commands.run({
    ...order,
    signal: call.signal,
    onLine: (line) => {
      call.log(line);
      if (line.trim() !== '') call.progress(`${title}: ${line.trim()}`);
    },
  });
  if (wasAborted(end)) throw cancelled(title);
  return end;
};

const wasAborted = (end: CommandEnd): boolean => 'killed' in end && end.killed === 'aborted';

const cancelled = (title: string): ProviderError =>
  new ProviderError(
    'aborted',
    `It was cancelled during ${title}; the command and all it started were ended.`,
  );

/** A length of time as people say it. */
export const inWords = (ms: Millis): string => (ms < 1_000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`);
