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

/**
 * Commands that run under a keeper process: plain Node.js, started with the first command and shared by all commands of
 * this process. A command's process group ends with the worker (even by `kill -9`), with the signal, and with its
 * time: SIGTERM, SIGKILL 2 s later. Never throws; a command that cannot be started is a `notStarted`.
 */
export function keeperCommands(): Commands {
  let keeper: KeeperProcess | undefined;
  return {
    run: async (order): Promise<CommandEnd> => {
      if (order.signal.aborted) return { killed: 'aborted', lastLines: [] };
      if (keeper === undefined || keeper.gone) keeper = new KeeperProcess();
      return runUnder(keeper, order);
    },
  };
}

async function runUnder(keeper: KeeperProcess, order: CommandOrder): Promise<CommandEnd> {
  const last = new LastLines();
  const onLine = (line: string): void => {
    last.add(line);
    order.onLine(line);
  };
  const lines = { stdout: new LineSplitter(onLine), stderr: new LineSplitter(onLine) };
  const { argv, cwd, timeout, signal } = order;
  const running = keeper.run({ argv, cwd, timeout, env: { ...defaults(cwd), ...order.env } }, (from, text) =>
    lines[from].text(text),
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
