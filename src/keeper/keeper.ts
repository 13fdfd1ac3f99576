import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { childEntry } from '../child-entry.ts';
import type { CommandEnd, CommandOrder, Commands } from '../pipeline/commands.ts';
import { LastLines, LineSplitter } from './lines.ts';
import type { KeeperOrder, KeeperReport } from './main.ts';

const keeperFile = childEntry(import.meta.url, './main.js');
/** This Node.js first, so that `node` in a service file is the one that Bakery runs on. */
const defaultPath = `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
/** How long output may still come after the end, when something outside the group holds the pipe open. */
const lateOutput = 500;

const defaults = (cwd: string): Record<string, string> => ({
  PATH: defaultPath,
  HOME: cwd,
  LANG: 'C.UTF-8',
  TMPDIR: tmpdir(),
});

/** Collects what the keeper says on its report pipe; the last word counts. */
class Reports {
  group: number | undefined;
  end: Exclude<KeeperReport, { started: number }> | undefined;

  constructor(pipe: Readable) {
    const lines = new LineSplitter((line) => this.#take(line));
    pipe.on('data', (bytes: Buffer) => lines.write(bytes)).on('error', () => {});
  }

  #take(line: string): void {
    // Only the keeper holds the other end: the command does not inherit it.
    const said = JSON.parse(line) as KeeperReport;
    if ('started' in said) this.group = said.started;
    else this.end = said;
  }
}

const killGroup = (group: number | undefined): void => {
  if (group === undefined) return;
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nothing is left of it.
  }
};

/** Resolves when the keeper is gone and its output is read, at the latest {@link lateOutput} after its exit. */
const closed = (keeper: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    keeper.once('close', () => resolve());
    keeper.once('error', () => resolve());
    keeper.once('exit', () => {
      const late = setTimeout(() => {
        for (const pipe of keeper.stdio) pipe?.destroy();
      }, lateOutput);
      keeper.once('close', () => clearTimeout(late));
    });
  });

const endOf = (reports: Reports, aborted: boolean, lastLines: string[]): CommandEnd => {
  if (reports.end === undefined || aborted) {
    // A keeper that went without a word was killed itself: what it kept is ended from here.
    if (reports.end === undefined) killGroup(reports.group);
    if (aborted) return { killed: 'aborted', lastLines };
    return { notStarted: 'its keeper process ended without a word', lastLines };
  }
  return { ...reports.end, lastLines };
};

const run = async (order: CommandOrder): Promise<CommandEnd> => {
  const last = new LastLines();
  if (order.signal.aborted) return { killed: 'aborted', lastLines: [] };
  const keeper = spawn(process.execPath, [keeperFile], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const { stdin, stdout, stderr } = keeper;
  // Node.js types the fourth pipe as either direction; it is made for reading as all but stdin are.
  const reports = new Reports(keeper.stdio[3] as Readable);
  const onLine = (line: string): void => {
    last.add(line);
    order.onLine(line);
  };
  for (const output of [stdout, stderr]) {
    const lines = new LineSplitter(onLine);
    output.on('data', (bytes: Buffer) => lines.write(bytes)).on('error', () => {});
    output.once('close', () => lines.end());
  }
  const { argv, cwd, timeout } = order;
  const asked: KeeperOrder = { argv, cwd, timeout, env: { ...defaults(cwd), ...order.env } };
  stdin.on('error', () => {});
  stdin.write(`${JSON.stringify(asked)}\n`);
  // The open pipe is the keeper's sign that this worker lives and still wants the command.
  const abort = (): void => void stdin.destroy();
  order.signal.addEventListener('abort', abort, { once: true });
  await closed(keeper);
  order.signal.removeEventListener('abort', abort);
  stdin.destroy();
  return endOf(reports, order.signal.aborted, last.lines);
};

/**
 * Commands that run under a keeper process of their own: plain Node.js, nothing imported. The command's process
 * group ends with the worker (even by `kill -9`), with the signal, and with its time: SIGTERM, SIGKILL 2 s later.
 * Never throws; a command that cannot be started is a `notStarted`.
 */
export const keeperCommands = (): Commands => ({ run });
