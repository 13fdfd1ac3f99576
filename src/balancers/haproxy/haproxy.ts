import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Millis } from '../../pipeline/domain/time.ts';
import { ProviderError } from '../../pipeline/provider.ts';
import { askHaproxy } from './runtime-socket.ts';
import { type BackendView, parseInfo, parseView } from './view.ts';

export interface HaproxyOptions {
  /** The runtime socket (`stats socket … level admin`): a path, or `host:port`. */
  socket: string;
  /** The master process's socket (`haproxy -W -S …`): with it, processes that a reload left behind are seen too. */
  master?: string;
  /** `server-state-base` of the configuration: HAProxy's state, one file per backend, and what Bakery keeps. */
  stateDir: string;
  /** Where front doors are reached by Bakery's workers. */
  host?: string;
  now?: () => number;
}

/** Milliseconds that one question may take. */
const limit: Millis = 2000;
/** Bytes of one line of commands; HAProxy's buffer holds 16 kB. */
const longestLine = 8000;

export const backendOf = (slot: string): string => `bakery.${slot}`;
/** The map of a backend: which server is asked for its health at which path. */
export const pathsFile = (stateDir: string, slot: string): string =>
  join(stateDir, `${backendOf(slot)}.paths`);
/** HAProxy's own state of a backend, read by it when it starts. */
export const stateFile = (stateDir: string, slot: string): string => join(stateDir, backendOf(slot));

/** A process that a reload left behind: it ends when its last connection does, and nothing in it can be changed. */
export interface LeavingProcess {
  pid: number;
  view: BackendView;
  /** Connections of clients that wait for nothing now; each may still send one request. */
  idle: number;
}

/** What is asked of one HAProxy, whatever it is asked for. */
export class Haproxy {
  readonly options: HaproxyOptions;
  readonly #signal: AbortSignal | undefined;

  constructor(options: HaproxyOptions, signal?: AbortSignal) {
    this.options = options;
    this.#signal = signal;
  }

  ask(line: string): Promise<string> {
    return askHaproxy(this.options.socket, line, limit, this.#signal);
  }

  /** Does commands, several lines when one would be too long. What came of them is read back by the caller. */
  async command(commands: readonly string[]): Promise<void> {
    let line = '';
    for (const command of commands) {
      if (line.length + command.length > longestLine) {
        await this.ask(line);
        line = '';
      }
      line += line === '' ? command : `;${command}`;
    }
    if (line !== '') await this.ask(line);
  }

  /** A slot's backend. Throws `unexpected state` when the configuration has none. */
  async view(slot: string): Promise<BackendView> {
    // In one line: a connection for each would take longer than the answers.
    const view = await readView(slot, this.options.stateDir, (questions) => this.ask(questions.join(';')));
    if (view !== undefined) return view;
    throw new ProviderError(
      'unexpected state',
      `HAProxy's configuration has no backend ${backendOf(slot)}. Nothing was changed. \`bakery haproxy\` prints what is to be added; then reload HAProxy.`,
    );
  }

  /** The processes that are ending, as far as the master's socket is known. */
  async leaving(slot: string): Promise<LeavingProcess[]> {
    const { master, stateDir } = this.options;
    if (master === undefined) return [];
    const leaving: LeavingProcess[] = [];
    for (const pid of oldWorkers(await this.#processes(master))) {
      const ask = (line: string): Promise<string> =>
        askHaproxy(master, `@!${pid} ${line}`, limit, this.#signal);
      try {
        // The master hands one command of a line to a process, not the others.
        const askAll = async (questions: readonly string[]): Promise<string> =>
          (await Promise.all(questions.map(ask))).join('\n\n');
        const view = await readView(slot, stateDir, askAll);
        if (view) leaving.push({ pid, view, idle: await idleConnections(ask) });
      } catch (error) {
        // It ended while it was asked.
        if (!(error instanceof ProviderError && error.fault === 'unreachable')) throw error;
      }
    }
    return leaving;
  }

  /** The master listens to nobody while it reads its configuration anew: that is waited for. */
  async #processes(master: string): Promise<string> {
    const deadline = performance.now() + limit;
    for (;;) {
      try {
        return await askHaproxy(master, 'show proc', limit, this.#signal);
      } catch (error) {
        const away = error instanceof ProviderError && error.fault === 'unreachable';
        if (!away || performance.now() > deadline) throw error;
        await pause(50);
      }
    }
  }

  /** One line to a process that is ending. */
  askLeaving(pid: number, line: string): Promise<string> {
    return askHaproxy(this.options.master ?? '', `@!${pid} ${line}`, limit, this.#signal);
  }
}

async function readView(
  slot: string,
  stateDir: string,
  askAll: (questions: readonly string[]) => Promise<string>,
): Promise<BackendView | undefined> {
  const backend = backendOf(slot);
  const questions = [
    'show info',
    `show stat ${backend} 4 -1`,
    `show servers state ${backend}`,
    `show map ${pathsFile(stateDir, slot)}`,
  ];
  return parseView(await askAll(questions));
}

/** The pids below `# old workers` of `show proc`. */
export function oldWorkers(text: string): number[] {
  const old = text.split(/^# old workers$/m)[1]?.split(/^#/m)[0] ?? '';
  return [...old.matchAll(/^(\d+)\s+worker\s/gm)].map(([, pid]) => Number(pid));
}

/** Connections without a request: HAProxy counts connections, and shows a session for each request. */
async function idleConnections(ask: (line: string) => Promise<string>): Promise<number> {
  const [info, sessions] = await Promise.all([ask('show info'), ask('show sess')]);
  const connections = Number(parseInfo(info).get('CurrConns') ?? 0);
  const busy = sessions.split('\n').filter((line) => line.includes(' fe=') && !line.includes(' fe=GLOBAL '));
  return Math.max(0, connections - busy.length);
}
