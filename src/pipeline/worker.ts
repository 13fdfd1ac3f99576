import type { Failure } from './domain/fault.ts';
import { spoken } from './domain/protocol.ts';
import type { SuiteResult } from './domain/release.ts';
import type { Outcome } from './domain/task.ts';
import type { At, Millis } from './domain/time.ts';
import { ProviderError } from './provider.ts';
import { type Attempt, type AttemptControl, attemptId, type RunAttempt } from './task-queue.ts';
import type { TaskCall, TaskTools } from './tasks/contract.ts';
import { taskOf } from './tasks/index.ts';

interface WorkerParts {
  tools: TaskTools;
  /** Told of what was unexpected, with everything that the outcome leaves out. */
  onBug(attempt: Attempt, error: unknown): void;
  onEnd?(attempt: Attempt, outcome: Outcome, took: Millis): void;
  /** Takes secrets that this process knows out of what commands print, before it is kept or shown. */
  clean?(text: string): string;
}

const noteLength = 120;
/** How often a running log goes to the store. */
const flushEvery = 2_000;

/** Makes the function that does one attempt: it finds the task, runs it, and turns what it throws into an outcome. */
export function taskRunner({ tools, onBug, onEnd, clean = asItIs }: WorkerParts): RunAttempt {
  return async (attempt, control) => {
    const began = tools.now();
    const log = new RunningLog(tools, attempt, clean);
    try {
      refuseNewer(attempt);
      const task = taskOf(attempt.kind);
      // Cut only once it is clean: half a secret is not known for one any more.
      const progress = (note: string) => control.progress(clean(note).slice(0, noteLength));
      const told = { ...control, progress };
      const outcome = cleaned(await task.run(attempt.input, tools, callOf(attempt, told, log)), clean);
      onEnd?.(attempt, outcome, tools.now() - began);
      return outcome;
    } catch (error) {
      const failure = failureOf(error, control.signal);
      if (failure.fault === 'bug') onBug(attempt, error);
      if (failure.fault !== 'aborted') log.line(failure.sentence);
      const outcome = cleaned({ is: 'failed', failure }, clean);
      onEnd?.(attempt, outcome, tools.now() - began);
      return outcome;
    } finally {
      await log.close();
    }
  };
}

/** Throws `busy` for an order that means more than this worker understands, so that another worker takes it. */
function refuseNewer({ kind, needs = 1 }: Attempt): void {
  if (needs <= spoken) return;
  throw new ProviderError(
    'busy',
    `This worker is of an earlier version and would ${kind} something else than was ordered. It left it to a newer one: update it.`,
  );
}

const asItIs = (text: string): string => text;

/** What a person reads of an outcome: results are kept as they are, since they name things, but for what was printed. */
function cleaned(outcome: Outcome, clean: (text: string) => string): Outcome {
  if (outcome.is === 'done') {
    const { result } = outcome;
    if ('outputs' in result) {
      const outputs = result.outputs.map((one) => ({ ...one, lines: one.lines.map(clean) }));
      return { is: 'done', result: { outputs } };
    }
    if (!('suites' in result)) return outcome;
    return { is: 'done', result: { ...result, suites: cleanSuites(result.suites, clean) } };
  }
  if (outcome.is === 'not yet') {
    return outcome.note === undefined ? outcome : { ...outcome, note: clean(outcome.note) };
  }
  const { failure } = outcome;
  const lines = failure.lines === undefined ? {} : { lines: failure.lines.map(clean) };
  const { evidence } = outcome;
  return {
    ...outcome,
    failure: { ...failure, sentence: clean(failure.sentence), ...lines },
    ...(evidence?.suites === undefined
      ? {}
      : { evidence: { ...evidence, suites: cleanSuites(evidence.suites, clean) } }),
  };
}

const cleanSuites = (suites: SuiteResult[], clean: (text: string) => string): SuiteResult[] =>
  suites.map((one) => ({ ...one, failures: one.failures.map(clean) }));

function callOf(attempt: Attempt, control: AttemptControl, log: RunningLog): TaskCall {
  return {
    signal: control.signal,
    known: attempt.known,
    progress: (text) => control.progress(text),
    log: (line) => log.line(line),
    ensureTime: (needed) => {
      control.signal.throwIfAborted();
      if (control.leaseLeft() >= Math.min(needed, longestCall)) return;
      throw new ProviderError(
        'worker lost',
        'This worker could not renew its lease in time, so it began nothing more.',
      );
    },
  };
}

/** The lock is renewed while a call runs; what a call may count on from its last renewal. */
const longestCall: Millis = 3_000;

function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (error instanceof ProviderError) return error.failure;
  if (signal.aborted) return { fault: 'aborted', sentence: 'It was cancelled.' };
  if (isOutOfSpace(error))
    return { fault: 'disk full', sentence: 'The disk is full. Make room on it, then retry.' };
  const words = error instanceof Error ? error.message : String(error);
  return {
    fault: 'bug',
    sentence: `Bakery failed at something that it did not expect: ${words.slice(0, 300)}`,
  };
}

const isOutOfSpace = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOSPC';

/**
 * Collects lines and brings them to the store in chunks: other tasks of the stage write into the same log, also at the same
 * time. A store that is away costs lines, not the task.
 */
class RunningLog {
  readonly #tools: Pick<TaskTools, 'store' | 'now'>;
  readonly #log: string;
  readonly #by: string;
  #at: At = 0;
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  readonly #clean: (text: string) => string;

  constructor(tools: Pick<TaskTools, 'store' | 'now'>, attempt: Attempt, clean: (text: string) => string) {
    this.#clean = clean;
    this.#tools = tools;
    this.#log = attempt.log;
    this.#by = attemptId(attempt);
  }

  line(text: string): void {
    this.#lines.push(this.#clean(text));
    this.#timer ??= setTimeout(() => this.#flush(), flushEvery);
  }

  async close(): Promise<void> {
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines.length === 0) return;
    const text = `${this.#lines.join('\n')}\n`;
    // Also where a clock is set back, its own lines stay in their order.
    this.#at = Math.max(this.#at + 1, this.#tools.now());
    const chunk = { at: this.#at, by: this.#by };
    this.#lines = [];
    this.#writing = this.#writing
      .then(() => this.#tools.store.appendLog(this.#log, chunk, text))
      .catch(() => undefined);
  }
}
