import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { ProviderError } from '../pipeline/provider.ts';
import type { Store } from '../pipeline/store.ts';

/** A store that lives as long as its run. Logs are not kept. */
export function memoryStore(): Store {
  const kept = new Map<string, Buffer>();
  const read = (digest: string): Buffer => {
    const bytes = kept.get(digest);
    if (bytes === undefined) throw new ProviderError('unexpected state', `The store has no ${digest}.`);
    return bytes;
  };
  return {
    put: async (given) => {
      const parts: Uint8Array[] = [];
      if (given instanceof Readable) for await (const part of given) parts.push(Buffer.from(part));
      else parts.push(Buffer.from(given));
      const bytes = Buffer.concat(parts);
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      kept.set(digest, bytes);
      return { digest, size: bytes.length };
    },
    get: async (digest) => Readable.from(read(digest)),
    has: async (digest) => kept.has(digest),
    fetch: (digest, file) => writeFile(file, read(digest)),
    appendLog: async () => undefined,
    readLog: async () => '',
    sweep: async () => ({ files: 0, logs: 0, bytes: 0 }),
  };
}
