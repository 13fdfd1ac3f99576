import type { Readable } from 'node:stream';
import type { At, Digest } from './domain/time.ts';

/** What a sweep removed. */
export interface Swept {
  files: number;
  logs: number;
  bytes: number;
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
  /** Appends a numbered chunk of a running log. The same number again replaces it. */
  appendLog(log: string, chunk: number, text: string): Promise<void>;
  /** All chunks in order, at most the last `maxBytes` of them. Unknown: an empty text. */
  readLog(log: string, maxBytes?: number): Promise<string>;
  /**
   * Removes bytes and logs that were last written before `before` and are not in `keep` (digests and ids of logs).
   * Putting the same bytes again counts as writing them.
   */
  sweep(keep: ReadonlySet<string>, before: At): Promise<Swept>;
}
