import type { At, Millis } from '../../pipeline/domain/time.ts';
import type { Timeline } from './timeline.ts';

/** A process of the simulation: it can be killed, frozen and thawed; nothing of it goes on while it is. */
export class SimulatedProcess {
  readonly name: string;
  readonly #timeline: Timeline;
  #killed = false;
  #frozenUntil: At = 0;

  constructor(name: string, timeline: Timeline) {
    this.name = name;
    this.#timeline = timeline;
  }

  get killed(): boolean {
    return this.#killed;
  }

  get frozen(): boolean {
    return this.#frozenUntil > this.#timeline.now;
  }

  /** As with -9: what it was doing stays as it is. */
  kill(): void {
    this.#killed = true;
  }

  /** As with SIGSTOP, and SIGCONT after `ms`. */
  freeze(ms: Millis): void {
    this.#frozenUntil = Math.max(this.#frozenUntil, this.#timeline.now + ms);
  }

  thaw(): void {
    this.#frozenUntil = 0;
  }

  /** Runs it in this process after `ms`; never once it is killed, and not before it is thawed. */
  after(ms: Millis, run: () => void): void {
    this.#timeline.after(ms, () => this.#run(run));
  }

  pause(ms: Millis): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Again and again, until it is told to stop. */
  every(ms: Millis, work: () => void): () => void {
    let stopped = false;
    const again = (): void => {
      if (stopped) return;
      work();
      this.after(ms, again);
    };
    this.after(ms, again);
    return () => {
      stopped = true;
    };
  }

  #run(run: () => void): void {
    if (this.#killed) return;
    if (this.frozen) this.#timeline.at(this.#frozenUntil, () => this.#run(run));
    else run();
  }
}
