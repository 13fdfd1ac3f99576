import type { At, Millis } from '../pipeline/domain/time.ts';
import type { Posted } from '../pipeline/domain/workspace.ts';
import type { OutwardDesk, Telling, TellingView } from '../pipeline/outward.ts';
import { ProviderError } from '../pipeline/provider.ts';

export interface CourierOptions {
  desk: OutwardDesk;
  /** Tells one thing. Throws ProviderError when the other side does not take it. */
  tell(telling: Telling, view: TellingView, link: string | undefined): Promise<void>;
  /** Until when this is held back; undefined when it is told at once. */
  heldUntil?(view: TellingView, telling: Telling): At | undefined;
  /** Where a person can read a message of Slack's; undefined when Slack does not say. */
  link(at: Posted): Promise<string | undefined>;
  now(): At;
  log: { warn(fields: object, message: string): void };
  /** Called after each commit. Returns how to stop. */
  subscribe(listener: () => void): () => void;
  /** How often it looks without being woken, in milliseconds. */
  interval?: Millis;
}

const atOnce = 4;
/** How long a telling waits for its card to be posted, so that it can be linked to. */
const forCard: Millis = 10_000;
/** What was not taken for so long is not tried any more. */
export const patience: Millis = 24 * 3_600_000;
/** What was held back is old when it is tried for the first time. */
const fewest = 10;
const longestWait: Millis = 10 * 60_000;

/** How long after this many failures it is tried again. */
export const waitAfter = (tries: number): Millis => Math.min(longestWait, 1_000 * 2 ** Math.min(tries, 20));

/** Tells the world outside of Slack what the outbox holds, again and again until it is taken. */
export function startCourier(options: CourierOptions): { stop(): Promise<void> } {
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  const look = (): void => {
    again = true;
    running ??= rounds().finally(() => {
      running = undefined;
    });
  };
  async function rounds(): Promise<void> {
    while (again && !stopped) {
      again = false;
      const due = await options.desk.due(atOnce);
      await Promise.all(due.map((telling) => deliver(options, telling)));
      again ||= due.length === atOnce;
    }
  }
  const timer = setInterval(look, options.interval ?? 1_000);
  const unsubscribe = options.subscribe(look);
  look();
  return {
    async stop() {
      stopped = true;
      unsubscribe();
      clearInterval(timer);
      await running;
    },
  };
}

async function deliver(options: CourierOptions, telling: Telling): Promise<void> {
  const { desk, now, log } = options;
  const { key, revision, since, tries } = telling;
  try {
    const view = await desk.view(telling.content);
    if (view === undefined) return await desk.givenUp(key, 'There is nothing to tell of it any more.');
    if (view.card === undefined && now() - since < forCard) return await desk.postponed(key, 500, tries);
    const held = options.heldUntil?.(view, telling);
    if (held !== undefined) return await desk.postponed(key, held - now(), tries);
    const link = view.card == null ? undefined : await options.link(view.card);
    await options.tell(telling, view, link);
    await desk.told(key, revision);
  } catch (error) {
    const why = error instanceof ProviderError ? error.message : 'Bakery itself failed; its log says how.';
    if (tries === 0 || !(error instanceof ProviderError))
      log.warn({ err: error, key }, 'it was not told outside');
    const heldBefore = telling.content.kind === 'notification' && tries < fewest;
    if (now() - since < patience || heldBefore) return desk.postponed(key, waitAfter(tries), tries + 1);
    log.warn({ key, why }, 'it is not told outside any more');
    await desk.givenUp(key, why);
  }
}
