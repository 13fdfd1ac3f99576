import { randomBytes, randomInt } from 'node:crypto';
import { SlackRefusal } from './errors.ts';

const TRIGGER_MS = 3000;

/** Who did what opened a window of three seconds for a modal. */
export interface Trigger {
  readonly user: string;
  /** The modal it came from, when it came from one. */
  readonly view?: string;
}

/** Makes trigger ids and takes each of them once, within three seconds. */
export class Triggers {
  readonly #open = new Map<string, Trigger & { readonly at: number; used: boolean }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A new trigger id. */
  mint(trigger: Trigger): string {
    const id = `${randomInt(1e9, 1e10)}.${randomInt(1e9, 1e10)}.${randomBytes(16).toString('hex')}`;
    this.#open.set(id, { ...trigger, at: this.#now(), used: false });
    return id;
  }

  /**
   * Takes a trigger id.
   * @throws SlackRefusal `invalid_trigger_id`, `exchanged_trigger_id`, `expired_trigger_id`.
   */
  take(id: string | undefined): Trigger {
    const trigger = id === undefined ? undefined : this.#open.get(id);
    if (trigger === undefined) throw new SlackRefusal('invalid_trigger_id');
    if (trigger.used) throw new SlackRefusal('exchanged_trigger_id');
    if (this.#now() - trigger.at > TRIGGER_MS) throw new SlackRefusal('expired_trigger_id');
    trigger.used = true;
    return trigger;
  }
}
