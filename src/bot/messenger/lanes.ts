import type { Millis } from '../../pipeline/domain/time.ts';
import type { Message } from '../../pipeline/outbox.ts';
import type { Desk, Remembered } from './desk.ts';

/** Cards that move are drawn at least this often, so that the times on them are right. */
const refreshEvery: Millis = 5000;
const lookAt = 200;
/** More than Slack takes in a minute: the oldest drawings first, so that each has its turn. */
const redrawnAtOnce = 60;

/** What may have to be done now: what is due, cards that move, and those that somebody clicked. */
export async function wanted(desk: Desk): Promise<Message[]> {
  const due = await desk.pipeline.outbox.due(lookAt);
  const keys = new Set(due.map(({ key }) => key));
  const stale: [string, Remembered][] = [];
  for (const [key, known] of desk.memory) {
    const old = known.moving === true && (known.drawnAt ?? 0) + refreshEvery <= desk.now();
    if (isForgettable(known, desk.now())) desk.memory.delete(key);
    if (!keys.has(key) && (old || known.hurried)) stale.push([key, known]);
  }
  const more: Message[] = [];
  for (const [key] of stale.toSorted(([, a], [, b]) => ageOf(a) - ageOf(b)).slice(0, redrawnAtOnce)) {
    const message = await desk.pipeline.outbox.find(key);
    if (message === undefined) desk.memory.delete(key);
    else if (message.notBefore <= desk.now()) more.push(message);
  }
  return [...due, ...more];
}

/** Clicked ones first, then by when they were drawn. */
const ageOf = ({ hurried, drawnAt }: Remembered): number => (hurried ? -1 : (drawnAt ?? 0));

/** Long at rest: looked up again should it ever matter. */
const isForgettable = (known: Remembered, now: number): boolean =>
  !known.moving && !known.uncertain && !known.frozen && (known.drawnAt ?? now) + 30 * 60_000 < now;

/**
 * One lane per card, with the card first and its notes in order. Lanes whose card is not posted
 * yet come first, then those with something final or clicked; then those whose drawing is oldest.
 */
export function lanesOf(desk: Desk, messages: Message[]): Map<string, Message[]> {
  const lanes = new Map<string, Message[]>();
  for (const message of messages) {
    const lane = message.content.kind === 'note' ? message.content.card : message.key;
    lanes.set(lane, [...(lanes.get(lane) ?? []), message]);
  }
  const rank = (lane: Message[]): number => Math.min(...lane.map((message) => rankOf(desk, message)));
  return new Map(
    [...lanes]
      .toSorted(([, a], [, b]) => rank(a) - rank(b))
      .map(([lane, inLane]) => [lane, inLane.toSorted((a, b) => placeOf(a) - placeOf(b))]),
  );
}

/** What there is to do in a lane, as one text for each message: another one when it changed, was postponed or clicked. */
export const newsIn = ({ memory }: Desk, messages: Message[]): Set<string> =>
  new Set(
    messages.map(({ key, revision, notBefore }) => {
      const hurried = memory.get(key)?.hurried === true;
      return JSON.stringify([key, revision, notBefore, hurried]);
    }),
  );

const placeOf = ({ content }: Message): number => (content.kind === 'note' ? content.seq : -1);

function rankOf(desk: Desk, message: Message): number {
  // Its lane is its own, behind all others: nothing waits for an upload.
  if (message.content.kind === 'picture') return Number.MAX_SAFE_INTEGER;
  const known = desk.memory.get(message.key);
  // Without its card nobody sees anything: before the notes of all others.
  if (message.posted === undefined && message.content.kind !== 'note') return -1;
  if (message.final || known?.hurried || message.posted === undefined) return 0;
  return known?.drawnAt ?? 1;
}

/** Has the card that stands there drawn before all others. */
export function hurry(desk: Desk, card: { channel: string; ts: string }): void {
  for (const known of desk.memory.values()) {
    if (known.at?.channel !== card.channel || known.at.ts !== card.ts) continue;
    known.hurried = true;
    known.waits = false;
  }
}

/** What was to be posted when Bakery started may have been taken by Slack before Bakery was killed. */
export function inherit(desk: Desk, messages: Message[]): void {
  for (const message of messages) if (message.posted === undefined) desk.inherited.add(message.key);
}

/** Runs at most `most` at once; the others wait for their turn, in order. */
export function limit(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
