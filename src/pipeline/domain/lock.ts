import type { Actor } from './actor.ts';
import { named } from './rights.ts';
import type { At, Millis, TextRef } from './time.ts';

/** A person keeps new releases out of a slot. It always ends: by the holder, by somebody who takes it, or by time. */
export interface Lock {
  by: Actor;
  since: At;
  until: At;
  reason: TextRef;
  /** When the holder is asked next whether it is still needed. */
  nagAt: At;
}

const hour: Millis = 3_600_000;

/** How long a lock holds when nothing else is said, and at most. */
export const usualLock: Millis = 2 * hour;
export const longestLock: Millis = 7 * 24 * hour;

/** Asked after half of its time, and once a working day of a long one. */
export const firstNag = (since: At, until: At): At => since + Math.min((until - since) / 2, 24 * hour);
export const nextNag = (now: At, until: At): At =>
  now + Math.min(Math.max((until - now) / 2, hour), 24 * hour);

/**
 * A lock in words, for every refusal that it causes: holder, age, reason and end. `{t…}` stands for a text of the side
 * table, which is read where the answer is given.
 */
export const lockInWords = (where: string, { by, since, until, reason }: Lock, now: At): string =>
  `${where} is locked by ${named(by)} for ${inWords(now - since)}: {${reason}}. It ends in ${inWords(until - now)}.`;

/** `40 s`, `12 min`, `3 h`, `2 days`. */
export function inWords(time: Millis): string {
  const minutes = Math.round(time / 60_000);
  if (minutes < 1) return `${Math.max(0, Math.round(time / 1000))} s`;
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
