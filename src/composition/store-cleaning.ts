import { text } from 'node:stream/consumers';
import type { Logger } from 'pino';
import type { At, Digest, Millis } from '../pipeline/domain/time.ts';
import type { Store } from '../pipeline/store.ts';

const hour: Millis = 3_600_000;
/** What no release names is kept as long as this: logs of deployments, packages of releases that failed. */
const keptFor: Millis = 30 * 24 * hour;

interface Parts {
  /** What rows of the ledger name: all that is younger than `since`, and what belongs to an image that is kept. */
  names(since: At): { names: Set<string>; manifests: Set<Digest> };
  /** Whether a person is to look at something first. */
  isHeld(): boolean;
  store: Pick<Store, 'get' | 'has' | 'sweep'>;
  now(): At;
  log: Pick<Logger, 'info' | 'warn'>;
}

/** Removes from the store what belonged to images that are gone, once: nothing that a row of the ledger still names. */
export async function cleanStore({ names, isHeld, store, now, log }: Parts): Promise<void> {
  if (isHeld()) return;
  const before = now() - keptFor;
  const { names: keep, manifests } = names(before);
  for (const manifest of manifests) {
    if (!(await store.has(manifest))) continue;
    const words = await text(await store.get(manifest));
    for (const [digest] of words.matchAll(/sha256:[0-9a-f]{64}/g)) keep.add(digest);
  }
  const swept = await store.sweep(keep, before);
  if (swept.files + swept.logs > 0) log.info(swept, 'the store was cleaned of what nothing keeps');
}

/** Cleans the store soon after the start, so that a bot which is started often cleans too, and every six hours. Returns how to stop. */
export function keepStoreClean(parts: Parts): () => void {
  const clean = (): void => {
    cleanStore(parts).catch((error: unknown) =>
      parts.log.warn({ err: error }, 'the store could not be cleaned; it is tried again later'),
    );
  };
  const first = setTimeout(clean, hour / 6);
  const timer = setInterval(clean, 6 * hour);
  return () => {
    clearTimeout(first);
    clearInterval(timer);
  };
}
