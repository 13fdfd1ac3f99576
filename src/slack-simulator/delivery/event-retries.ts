import { setTimeout as pause } from 'node:timers/promises';
import type { Fields } from '../types.ts';
import type { Ack, Delivery, EnvelopeKind } from './delivery.ts';

/** Milliseconds before each retry: at once, after a minute, after five (Slack's Events API, "Retries"). */
export const EVENT_RETRIES_MS: readonly number[] = [0, 60_000, 300_000];

/** Sends an event that was not acknowledged three more times, as Slack does; gestures are sent once. */
export class EventRetries implements Delivery {
  readonly #delivery: () => Delivery;
  readonly #waits: readonly number[];
  readonly #closed = new AbortController();

  constructor(delivery: () => Delivery, waits: readonly number[] = EVENT_RETRIES_MS) {
    this.#delivery = delivery;
    this.#waits = waits;
  }

  /** Resolves with what came of the first attempt. */
  async send(kind: EnvelopeKind, payload: Fields): Promise<Ack> {
    const first = await this.#delivery().send(kind, payload);
    if (kind === 'events_api' && !first.ok) {
      // Aborted when the simulator is closed.
      this.#again(payload, first).catch(() => {});
    }
    return first;
  }

  close(): void {
    this.#closed.abort();
  }

  async #again(payload: Fields, first: Ack & { ok: false }): Promise<void> {
    let failed = first;
    for (const [index, wait] of this.#waits.entries()) {
      await pause(wait, undefined, { signal: this.#closed.signal, ref: false });
      const retry = { number: index + 1, reason: failed.error };
      const ack = await this.#delivery().send('events_api', payload, retry);
      if (ack.ok) return;
      failed = ack;
    }
  }
}
