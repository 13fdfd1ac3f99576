/** Work that is done again whenever it was asked for: one run after the other, never two at once. */
export class Round {
  readonly #work: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  #asked = false;
  #stopped = true;
  #running: Promise<void> | undefined;
  #trouble: unknown;

  /** `failed` is told of each run that failed; what it left is taken up by the next one. */
  constructor(work: () => Promise<void>, failed: (error: unknown) => void) {
    this.#work = work;
    this.#failed = failed;
  }

  /** What the last run failed by, if it did. */
  get trouble(): unknown {
    return this.#trouble;
  }

  start(): void {
    this.#stopped = false;
    this.wake();
  }

  /** Has it run once more: now, or after the run that is under way. */
  wake(): void {
    this.#asked = true;
    if (this.#running !== undefined || this.#stopped) return;
    this.#running = this.#runs().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when the run that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #runs(): Promise<void> {
    while (this.#asked && !this.#stopped) {
      this.#asked = false;
      try {
        await this.#work();
        this.#trouble = undefined;
      } catch (error) {
        this.#trouble = error;
        this.#failed(error);
      }
    }
  }
}
