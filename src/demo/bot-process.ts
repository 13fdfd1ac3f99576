import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { childEntry } from '../child-entry.ts';
import { secretsOf } from './configuration.ts';
import type { Place } from './place.ts';

/** What keeps the bot small beside PGlite, as measured (docs/decisions/embedded-queue.md). */
const nodeFlags = ['--liftoff-only', '--max-semi-space-size=1', '--max-old-space-size=192'];

const startDeadline = 60_000;

/** The demo's bot: a process of its own, started again when it was killed. */
export class BotProcess {
  readonly #place: Place;
  #child: ChildProcess | undefined;
  #stopping = false;
  /** How often it has been started again. */
  restarts = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it and waits until it is ready. Throws with the place of its log when it is not in time. */
  async start(): Promise<void> {
    this.#spawn();
    await this.ready();
  }

  async ready(): Promise<void> {
    const deadline = Date.now() + startDeadline;
    for (;;) {
      try {
        const answer = await fetch(`http://127.0.0.1:${this.#place.ports.http}/readyz`);
        if (answer.ok) return;
      } catch {
        // Not listening yet.
      }
      if (Date.now() > deadline) throw new Error(`The bot did not get ready. Its log: ${this.#place.botLog}`);
      await pause(50);
    }
  }

  /** kill -9, as a machine that fails would. It is started again after a second, by the one who runs the demo. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** SIGTERM, and by force when it does not end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(force);
  }

  #spawn(): void {
    const log = openSync(this.#place.botLog, 'a');
    const child = spawn(
      process.execPath,
      [...nodeFlags, childEntry(import.meta.url, '../cli'), 'start', '--config', this.#place.config],
      { env: { ...process.env, ...secretsOf(this.#place) }, stdio: ['ignore', log, log], detached: true },
    );
    this.#child = child;
    child.once('exit', () => {
      if (this.#stopping || this.#child !== child) return;
      this.restarts += 1;
      setTimeout(() => {
        if (!this.#stopping) this.#spawn();
      }, 1_000);
    });
  }
}
