import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Output, Over } from './wire.ts';

interface Order {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  timeout: number;
}

interface Listener {
  started(group: number): void;
  /** Returns false when the output should wait until {@link Kept.resume}. */
  output(from: Output, text: string): boolean;
  over(how: Over): void;
}

const forceAfter = 2_000;
const lookEvery = 25;
/** How long output may still come after the end, when something outside the group holds the pipe open. */
const lateOutput = 500;

/** One command and its process group. `over` is told once, when nothing of the group is left. */
export class Kept {
  readonly #order: Order;
  readonly #listener: Listener;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ending: Promise<void> | undefined;

  constructor(order: Order, listener: Listener) {
    this.#order = order;
    this.#listener = listener;
  }

  begin(): void {
    const { argv, cwd, env, timeout } = this.#order;
    const [program = '', ...rest] = argv;
    try {
      const child = spawn(program, rest, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      this.#child = child;
      if (child.pid !== undefined) this.#listener.started(child.pid);
      for (const from of ['stdout', 'stderr'] as const) this.#read(from, child);
      child.once('error', (error) => this.#over({ notStarted: error.message.slice(0, 500) }));
      child.once('exit', (code, signal) => void this.#exited(child, exitCode(code, signal)));
      this.#timer = setTimeout(() => void this.end({ killed: 'timeout' }), timeout);
    } catch (error) {
      this.#over({ notStarted: String(error).slice(0, 500) });
    }
  }

  /** Ends the whole group: SIGTERM, and SIGKILL to what is left after two seconds. */
  end(how: Over): Promise<void> {
    this.#ending ??= this.#endGroup(how);
    return this.#ending;
  }

  resume(): void {
    this.#child?.stdout?.resume();
    this.#child?.stderr?.resume();
  }

  #read(from: Output, child: ChildProcess): void {
    const decoder = new StringDecoder('utf8');
    const stream = child[from];
    stream?.on('data', (bytes: Buffer) => {
      if (!this.#listener.output(from, decoder.write(bytes))) stream.pause();
    });
    stream?.on('error', () => {});
  }

  async #exited(child: ChildProcess, exit: number): Promise<void> {
    if (this.#ending !== undefined) return;
    this.#ending = Promise.resolve();
    clearTimeout(this.#timer);
    // What the command left running in the background ends with it.
    signalGroup(child.pid, 'SIGKILL');
    await lastOutput(child);
    this.#over({ exit });
  }

  async #endGroup(how: Over): Promise<void> {
    const group = this.#child?.pid;
    const force = performance.now() + forceAfter;
    signalGroup(group, 'SIGTERM');
    while (signalGroup(group, 0) && performance.now() < force) await sleep(lookEvery);
    signalGroup(group, 'SIGKILL');
    if (this.#child !== undefined) await lastOutput(this.#child);
    this.#over(how);
  }

  #over(how: Over): void {
    clearTimeout(this.#timer);
    this.#listener.over(how);
  }
}

/** Signals the whole group; false when nothing is left of it. */
function signalGroup(group: number | undefined, signal: NodeJS.Signals | 0): boolean {
  if (group === undefined) return false;
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

const exitCode = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal === null ? 0 : constants.signals[signal]);

/** Resolves when all output was read, or nothing more is waited for. */
function lastOutput(child: ChildProcess): Promise<void> {
  const open = [child.stdout, child.stderr].filter((stream) => stream !== null && !stream.closed);
  if (open.length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      for (const stream of open) stream?.destroy();
      resolve();
    }, lateOutput);
    child.once('close', () => {
      clearTimeout(late);
      resolve();
    });
  });
}
