import { mkdirSync } from 'node:fs';
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Slot } from '../pipeline/domain/slot.ts';
import type { Store } from '../pipeline/store.ts';

interface Parts {
  /** The data directory: scripts lie in its `rescue/`, where they are found without any Bakery. */
  data: string;
  slots(): Promise<Slot[]>;
  store: Pick<Store, 'get'>;
  every: number;
  onError(slot: string, error: unknown): void;
}

const none = 'none';

/**
 * Keeps one script for each slot on this machine's disk: the newest that was written for it, and none where there is none. Each lies under its own
 * name at once, whole, and only its owner may run it. Returns how to stop.
 */
export function keepRescueFiles({ data, slots, store, every, onError }: Parts): () => void {
  const folder = join(data, 'rescue');
  const kept = new Map<string, string>();
  let busy = false;
  async function look(): Promise<void> {
    for (const { service, environment, rescue } of await slots()) {
      const name = `${service}.${environment}.sh`;
      if (kept.get(name) === (rescue?.script ?? none)) continue;
      try {
        if (rescue === undefined) {
          // An earlier one would start what is not to be gone back to any more.
          await rm(join(folder, name), { force: true });
          kept.set(name, none);
          continue;
        }
        const words = await text(await store.get(rescue.script));
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        await writeFile(join(folder, `.${name}`), words, { mode: 0o700 });
        await chmod(join(folder, `.${name}`), 0o700);
        await rename(join(folder, `.${name}`), join(folder, name));
        kept.set(name, rescue.script);
      } catch (error) {
        onError(name, error);
      }
    }
  }
  const tick = (): void => {
    if (busy) return;
    busy = true;
    look()
      .catch((error: unknown) => onError('all', error))
      .finally(() => {
        busy = false;
      });
  };
  tick();
  const timer = setInterval(tick, every);
  return () => clearInterval(timer);
}
