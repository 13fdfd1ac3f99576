import { type ChildProcess, spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the worker writes as the first line of the keeper's stdin. It then keeps the pipe open as a sign of life. */
export interface KeeperOrder {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  timeout: number;
}

/** What the keeper writes to file descriptor 3, one JSON text a line. `started` names the process group. */
export type KeeperReport =
  | { started: number }
  | { exit: number }
  | { killed: 'timeout' }
  | { notStarted: string };

const toReports = 3;
const forceAfter = 2_000;
const lookEvery = 25;

const report = (said: KeeperReport): void => {
  try {
    writeSync(toReports, `${JSON.stringify(said)}\n`);
  } catch {
    // The worker is gone: nobody is left to tell, and the group is ended all the same.
  }
};

/** Signals the whole group; false when nothing is left of it. */
const signalGroup = (group: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
};

/** SIGTERM to the group, SIGKILL to what is left of it after two seconds. */
const endGroup = async (group: number): Promise<void> => {
  const force = performance.now() + forceAfter;
  signalGroup(group, 'SIGTERM');
  while (performance.now() < force) {
    if (!signalGroup(group, 0)) return;
    await sleep(lookEvery);
  }
  signalGroup(group, 'SIGKILL');
};

const exitCode = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal === null ? 0 : constants.signals[signal]);

const keep = (order: KeeperOrder, child: ChildProcess): void => {
  const group = child.pid;
  let ending = false;
  const end = async (why?: KeeperReport): Promise<void> => {
    if (ending) return;
    ending = true;
    if (group !== undefined) await endGroup(group);
    if (why !== undefined) report(why);
    process.exit(0);
  };
  if (group !== undefined) report({ started: group });
  child.once('error', (error) => {
    report({ notStarted: error.message.slice(0, 500) });
    process.exit(0);
  });
  child.once('exit', (code, signal) => {
    if (ending) return;
    // What the command left running in the background ends with it.
    if (group !== undefined) signalGroup(group, 'SIGKILL');
    report({ exit: exitCode(code, signal) });
    process.exit(0);
  });
  setTimeout(() => void end({ killed: 'timeout' }), order.timeout);
  process.stdin.once('close', () => void end());
  process.stdin.once('error', () => void end());
  process.stdin.resume();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end());
};

const begin = (order: KeeperOrder): void => {
  const [program = '', ...rest] = order.argv;
  try {
    const { cwd, env } = order;
    keep(order, spawn(program, rest, { cwd, env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] }));
  } catch (error) {
    report({ notStarted: String(error).slice(0, 500) });
    process.exit(0);
  }
};

let first = '';
const readOrder = (text: string): void => {
  first += text;
  const end = first.indexOf('\n');
  if (end < 0) return;
  process.stdin.off('data', readOrder);
  // The worker is the only one that writes here, and writes nothing but a KeeperOrder.
  begin(JSON.parse(first.slice(0, end)) as KeeperOrder);
};
process.stdin.setEncoding('utf8');
process.stdin.on('data', readOrder);
