import type { Readable } from 'node:stream';
import type { At, Digest } from './domain/time.ts';

/** What a sweep removed. */
export interface Swept {
  files: number;
  logs: number;
  bytes: number;
}

/** Which part of a log some lines are. */
export interface LogChunk {
  at: At;
  /** Who writes it: any text, of this writer alone. */
  by: string;
}

/** Packages, manifests and logs. Shared by the bot and all workers; nothing in it is ever changed, and what nobody keeps goes at last. */
export interface Store {
  /** Stores the bytes under their digest; the same bytes again are fine. */
  put(bytes: Readable | Buffer | string): Promise<{ digest: Digest; size: number }>;
  /** Throws ProviderError `unexpected state` when it is not there. */
  get(digest: Digest): Promise<Readable>;
  has(digest: Digest): Promise<boolean>;
  /** Brings it to a local file, checked against the digest on the way. */
  fetch(digest: Digest, file: string): Promise<void>;
  /** Appends a chunk to a running log, into which several may write at once. The same writer's of the same time replaces it. */
  appendLog(log: string, chunk: LogChunk, text: string): Promise<void>;
  /** All chunks in the order of their times, at most the last `maxBytes` of them. Unknown: an empty text. */
  readLog(log: string, maxBytes?: number): Promise<string>;
  /**
   * Removes bytes and logs that were last written before `before` and are not in `keep` (digests and ids of logs).
   * Putting the same bytes again counts as writing them.
   */
  sweep(keep: ReadonlySet<string>, before: At): Promise<Swept>;
}
