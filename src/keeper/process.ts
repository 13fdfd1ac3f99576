import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { childEntry } from '../child-entry.ts';
import { type FromKeeper, type Output, type Over, readLines, type ToKeeper } from './wire.ts';

const keeperFile = childEntry(import.meta.url, './main.js');

type Begin = Extract<ToKeeper, { begin: unknown }>['begin'];

interface Running {
  group: number | undefined;
  onOutput(from: Output, text: string): void;
  over(how: Over): void;
}

/** The worker's side of its keeper. The open pipe to it is the sign that this worker lives. */
export class KeeperProcess {
  readonly #child: ChildProcess;
  readonly #running = new Map<number, Running>();
  #count = 0;
  /** True once the keeper has ended: what it kept is ended, and a new one is needed. */
  gone = false;

  constructor() {
    this.#child = spawn(process.execPath, [keeperFile], {
      cwd: '/',
      env: {},
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.setEncoding('utf8').on(
      'data',
      readLines((said: FromKeeper) => this.#take(said)),
    );
    this.#child.stdin?.on('error', () => {});
    this.#child.once('error', () => this.#lost());
    this.#child.once('close', () => this.#lost());
    this.#hold(false);
  }

  /** Starts a command; `end` asks for its end, `over` resolves when nothing of it is left. */
  run(begin: Begin, onOutput: Running['onOutput']): { end(): void; over: Promise<Over> } {
    const id = ++this.#count;
    const over = new Promise<Over>((resolve) => {
      this.#running.set(id, { group: undefined, onOutput, over: resolve });
    });
    this.#hold(true);
    if (this.gone) this.#lost();
    else this.#tell({ id, begin });
    return { end: () => this.#tell({ id, end: true }), over };
  }

  #tell(order: ToKeeper): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  #take(said: FromKeeper): void {
    const one = this.#running.get(said.id);
    if (one === undefined) return;
    if ('group' in said) one.group = said.group;
    else if ('text' in said) one.onOutput(said.from, said.text);
    else {
      this.#running.delete(said.id);
      if (this.#running.size === 0) this.#hold(false);
      one.over(said.over);
    }
  }

  /** A keeper that went was killed itself: what it kept is ended from here. */
  #lost(): void {
    this.gone = true;
    for (const { group, over } of this.#running.values()) {
      killGroup(group);
      over({ notStarted: 'its keeper process ended without a word' });
    }
    this.#running.clear();
  }

  /** This process may end while nothing runs; its keeper then ends too. */
  #hold(held: boolean): void {
    const { stdin, stdout } = this.#child;
    // Pipes to a child are sockets; the type of a child's stream does not say so.
    const handles = [this.#child, stdin as Socket | null, stdout as unknown as Socket | null];
    for (const handle of handles) {
      if (held) handle?.ref();
      else handle?.unref();
    }
  }
}

function killGroup(group: number | undefined): void {
  if (group === undefined) return;
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nothing is left of it.
  }
}
