import { type ChildProcess, fork } from 'node:child_process';
import { childEntry } from '../child-entry.ts';
import type { LoadReport } from './load.ts';

interface Second {
  at: number;
  byVersion: Record<string, number>;
  failed: number;
}

/** Open-loop traffic from a process of its own, and what became of it. */
export class Traffic {
  #child: ChildProcess | undefined;
  readonly #listeners = new Set<() => void>();
  readonly seconds: Second[] = [];
  readonly byVersion: Record<string, number> = {};
  readonly reasons: string[] = [];
  /** By version: every span of reports in which it answered, newest last. */
  readonly lastAt: Record<string, number> = {};
  readonly #marks: { at: number; version: string }[] = [];
  sent = 0;
  failed = 0;

  start(url: string, perSecond: number): void {
    if (this.#child !== undefined) return;
    const child = fork(childEntry(import.meta.url, 'load'), [url, String(perSecond)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.on('message', (report: LoadReport) => this.#take(report));
    this.#child = child;
  }

  /** Ends the load; requests on their way are counted for up to a second. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  /** The first answer of a version at or after a time. */
  firstAfter(version: string, at: number): number | undefined {
    return this.#marks.find((mark) => mark.version === version && mark.at >= at)?.at;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(report: LoadReport): void {
    this.sent += report.sent;
    this.failed += report.failed;
    this.reasons.push(...report.reasons);
    const at = Math.floor(report.at / 1000) * 1000;
    let second = this.seconds.at(-1);
    if (second?.at !== at) {
      second = { at, byVersion: {}, failed: 0 };
      this.seconds.push(second);
      if (this.seconds.length > 600) this.seconds.shift();
    }
    second.failed += report.failed;
    for (const [version, count] of Object.entries(report.byVersion)) {
      second.byVersion[version] = (second.byVersion[version] ?? 0) + count;
      this.byVersion[version] = (this.byVersion[version] ?? 0) + count;
      this.lastAt[version] = report.lastAt[version] ?? report.at;
      this.#marks.push({ version, at: report.firstAt[version] ?? report.at });
      if (this.#marks.length > 20_000) this.#marks.splice(0, 10_000);
    }
    for (const listener of this.#listeners) listener();
  }
}
