/** What the next call of a method meets instead of its answer. */
export interface Fault {
  /** Name of the method, such as `chat.postMessage`. */
  readonly method: string;
  /** Answers `ok: false` with this error. */
  readonly error?: string;
  /** Answers with this HTTP status and no JSON; 429 carries Retry-After. */
  readonly status?: number;
  /** Seconds of Retry-After with status 429; 1 when absent. */
  readonly retryAfter?: number;
  /** Never answers. */
  readonly hang?: boolean;
  /** Does the work first. Alone it means: does the work and never answers. */
  readonly afterTaking?: true;
  /** How many calls in a row; 1 when absent. */
  readonly times?: number;
}

/** The faults that wait for their call. */
export class Faults {
  readonly #waiting: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  /** Takes the first fault for a method, when one waits. */
  take(method: string): Fault | undefined {
    const index = this.#waiting.findIndex(({ fault }) => fault.method === method);
    const found = this.#waiting[index];
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.#waiting.splice(index, 1);
    return found.fault;
  }
}
