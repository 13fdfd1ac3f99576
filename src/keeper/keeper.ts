import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { CommandEnd, CommandOrder, Commands } from '../pipeline/commands.ts';
import { LastLines, LineSplitter } from './lines.ts';
import { KeeperProcess } from './process.ts';

/** This Node.js first, so that `node` in a service file is the one that Bakery runs on. */
const defaultPath = `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

const defaults = (cwd: string): Record<string, string> => ({
  PATH: defaultPath,
  HOME: cwd,
  LANG: 'C.UTF-8',
  TMPDIR: tmpdir(),
});

let ofThisProcess: KeeperProcess | undefined;

/**
 * The keeper of this process: one for all that it starts, begun with the first command and again when it is gone. What is
 * started by this process itself holds up everything while the system copies its memory's tables: 9 ms at 250 MB.
 */
export function keeper(): Pick<KeeperProcess, 'run'> {
  if (ofThisProcess === undefined || ofThisProcess.gone) ofThisProcess = new KeeperProcess();
  return ofThisProcess;
}

/**
 * Commands that run under the keeper. A command's process group ends with this process (even by `kill -9`), with the signal,
 * and with its time: SIGTERM, SIGKILL 2 s later. Never throws; a command that cannot be started is a `notStarted`.
 */
export function keeperCommands(): Commands {
  return {
    run: async (order): Promise<CommandEnd> => {
      if (order.signal.aborted) return { killed: 'aborted', lastLines: [] };
      return underKeeper(order);
    },
  };
}

async function underKeeper(order: CommandOrder): Promise<CommandEnd> {
  const last = new LastLines();
  const onLine = (line: string): void => {
    last.add(line);
    order.onLine(line);
  };
  const lines = { stdout: new LineSplitter(onLine), stderr: new LineSplitter(onLine) };
  const { argv, cwd, timeout, signal } = order;
  const running = keeper().run(
    { argv, cwd, timeout, env: { ...defaults(cwd), ...order.env } },
    (from, text) => lines[from].text(text),
  );
  const abort = (): void => running.end();
  signal.addEventListener('abort', abort, { once: true });
  const over = await running.over;
  signal.removeEventListener('abort', abort);
  for (const splitter of Object.values(lines)) splitter.end();
  const lastLines = last.lines;
  if (signal.aborted || ('killed' in over && over.killed === 'asked'))
    return { killed: 'aborted', lastLines };
  if ('killed' in over) return { killed: 'timeout', lastLines };
  return { ...over, lastLines };
}
