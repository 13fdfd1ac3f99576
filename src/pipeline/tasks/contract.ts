import type { Balancer } from '../balancer.ts';
import type { Builder } from '../builder.ts';
import type { Commands } from '../commands.ts';
import type { Check, RequiredChecks } from '../domain/checks.ts';
import type { Sample } from '../domain/measurement.ts';
import type { Outcome, TaskInputs, TaskKind } from '../domain/task.ts';
import type { At, Millis } from '../domain/time.ts';
import type { Call, Provider } from '../provider.ts';
import type { OpenAccess } from '../repository-access.ts';
import type { Store } from '../store.ts';

/** What a prober is given. */
export interface ProbeOrder {
  /** The address of a front door. */
  door: string;
  path: string;
  /** Stands in each request, so that logs tell it from a user's. */
  id: string;
}

/** Requests that are being sent, in small numbers. */
export interface Probing {
  /** Ends it, once this many were sent; resolves when all were answered. */
  stop(options?: { atLeast?: number }): Promise<Sample>;
}

/** What a task may use. A worker has all of it without a ledger. */
export interface TaskTools {
  provider(name: string): Provider;
  balancer(name: string): Balancer;
  /** Begins to send requests through a front door; ends with the signal at the latest. */
  probe(order: ProbeOrder, signal: AbortSignal): Probing;
  store: Store;
  commands: Commands;
  /** Where builds run that ask for a builder image; undefined where the operators set up none. */
  readonly builder?: Builder | undefined;
  /** Reads a secret by its reference. Throws ProviderError `bad settings` when it is not there. */
  secret(reference: string): Promise<string>;
  /** Opens private repositories; without it they cannot be read. */
  openAccess?: OpenAccess;
  /** How a commit's checks stand at its forge. */
  checks?(asked: RequiredChecks, sha: string): Promise<Check[]>;
  /** A folder of this worker for checkouts and scratch files; each attempt uses one of its own and removes it. */
  scratch: string;
  now(): At;
  /** Waits, in the time that `now` tells; the machine's own when it is left out. */
  pause?(ms: Millis): Promise<unknown>;
}

/** What this attempt adds to a call. */
export interface TaskCall extends Call {
  /** What the attempt before knew. Only a hint: the task must end the same without it. */
  known: unknown;
  /** A short note for the card ("41 of 42 tests"), not kept. */
  progress(text: string): void;
}

/**
 * One small file of this shape per kind. It may run twice, at once, anywhere: it looks first and acts second.
 * It throws ProviderError for expected faults; the worker turns that into an outcome. A task that must wait
 * returns `not yet` instead of waiting.
 */
export interface Task<Kind extends TaskKind> {
  kind: Kind;
  run(input: TaskInputs[Kind], tools: TaskTools, call: TaskCall): Promise<Outcome<Kind>>;
}
