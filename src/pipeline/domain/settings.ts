import type { Digest } from './time.ts';

/** A value, or the name of a secret (`env:NAME`, `file:/run/secrets/name`) that only the worker reads. */
export type Setting =
  | { value: string }
  | { secret: string /** Comes as a file, and its path as NAME_FILE. */; file?: true };

/** An environment's values and secret references for a service. */
export interface Settings {
  digest: Digest;
  values: Record<string, Setting>;
}
