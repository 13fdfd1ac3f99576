import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { takeCoordinatorLock } from '../ledger/database.ts';
import type { Check } from '../ops/health.ts';

/** Waits until no other process is the coordinator of this data directory; `/readyz` says so meanwhile. */
export async function coordinatorLock(
  { data }: Pick<Config, 'data'>,
  checks: Check[],
  log: Logger,
): Promise<{ release(): void }> {
  let waiting = false;
  checks.push({
    name: 'coordinator',
    check: () => {
      if (waiting) throw new Error('Standing by: another process is the coordinator of this data directory.');
    },
  });
  for (;;) {
    const lock = takeCoordinatorLock(data);
    if (lock !== undefined) {
      waiting = false;
      return lock;
    }
    if (!waiting) log.info({ data }, 'standing by: another process is the coordinator');
    waiting = true;
    await pause(1_000);
  }
}
