import { actorKey } from '../../domain/actor.ts';
import { type Answer, isRefusal, type PipelineCommand, type Refusal, refuse } from '../../domain/command.ts';
import { newSlot } from '../../domain/evolve-slot.ts';
import { firstNag, inWords, type Lock, lockInWords, longestLock, usualLock } from '../../domain/lock.ts';
import { named } from '../../domain/rights.ts';
import type { Slot } from '../../domain/slot.ts';
import { advance } from '../advance.ts';
import type { Draft } from '../draft.ts';
import { openIn } from '../ladder.ts';
import { findEnvironment } from './find.ts';

type OfLock<Do extends 'lock' | 'unlock' | 'steal lock'> = PipelineCommand & { do: Do };

/** Keeps new releases out of an environment, or of all: with a reason, and always with an end. */
export function lock(draft: Draft, command: OfLock<'lock'>): Answer {
  const { service, by, reason, until = draft.now + usualLock } = command;
  const slots = slotsFor(draft, command);
  if (isRefusal(slots)) return slots;
  if (reason.trim() === '') return refuse('bad input', 'A lock needs a reason, in quotes.');
  const time = until - draft.now;
  if (time <= 0 || time > longestLock) {
    return refuse('bad input', `A lock lasts at most ${inWords(longestLock)}, and ends in the future.`);
  }
  const held = slots.find((slot) => slot.lock !== undefined && actorKey(slot.lock.by) !== actorKey(by));
  if (held?.lock !== undefined) {
    return refuse(
      'locked',
      `${lockInWords(held.environment, held.lock, draft.now)} To take it over, say /bake steal ${service} ${held.environment} with a reason.`,
    );
  }
  for (const slot of slots) put(draft, slot, { by, reason, until });
  const where = slots.map(({ environment }) => environment).join(', ');
  return {
    accepted: true,
    sentence: `${service} is locked in ${where} for ${inWords(time)}. Rollbacks go through all the same; /bake unlock ${service} ends it.`,
  };
}

/** Ends a lock: its holder, or an administrator of the rules. Others take it over, which tells the holder. */
export function unlock(draft: Draft, command: OfLock<'unlock'>): Answer {
  const { service, by } = command;
  const slots = slotsFor(draft, command);
  if (isRefusal(slots)) return slots;
  const locked = slots.filter((slot) => slot.lock !== undefined);
  if (locked.length === 0) return refuse('nothing to do', `${service} is not locked there.`);
  const foreign = locked.find((slot) => slot.lock !== undefined && actorKey(slot.lock.by) !== actorKey(by));
  if (foreign?.lock !== undefined) {
    return refuse(
      'locked',
      `${lockInWords(foreign.environment, foreign.lock, draft.now)} Only its holder unlocks it; /bake steal ${service} ${foreign.environment} with a reason makes it yours.`,
    );
  }
  for (const slot of locked) release(draft, slot, command);
  return {
    accepted: true,
    sentence: `${service} is unlocked in ${locked.map(({ environment }) => environment).join(', ')}.`,
  };
}

/** Takes a lock over, with a reason. The former holder is told. */
export function stealLock(draft: Draft, command: OfLock<'steal lock'>): Answer {
  const { service, by, reason } = command;
  const slots = slotsFor(draft, command);
  if (isRefusal(slots)) return slots;
  if (reason.trim() === '') return refuse('bad input', 'Taking a lock over needs a reason, in quotes.');
  const locked = slots.filter((slot) => slot.lock !== undefined && actorKey(slot.lock.by) !== actorKey(by));
  if (locked.length === 0) {
    return refuse('nothing to do', `Nobody else holds a lock there. /bake lock ${service} sets one.`);
  }
  const former = locked.flatMap((slot) => (slot.lock === undefined ? [] : [named(slot.lock.by)]));
  for (const slot of locked)
    put(draft, slot, { by, reason, until: slot.lock?.until ?? draft.now + usualLock });
  return {
    accepted: true,
    sentence: `The lock of ${service} in ${locked.map(({ environment }) => environment).join(', ')} is yours now; ${[...new Set(former)].join(', ')} is told.`,
  };
}

function slotsFor(draft: Draft, command: OfLock<'lock' | 'unlock' | 'steal lock'>): Slot[] | Refusal {
  const { service, environment } = command;
  const named = environment === undefined ? undefined : findEnvironment(draft, environment);
  if (named !== undefined && isRefusal(named)) return named;
  const wanted = named === undefined ? draft.facts.policy.environments : [named];
  for (const { name } of wanted) {
    const no = draft.may(command, 'lock', name);
    if (no !== undefined) return no;
  }
  return wanted.map(({ name }) => draft.facts.slots.get(name) ?? newSlot(service, name));
}

function put(
  draft: Draft,
  { service, environment, lock: before }: Slot,
  { by, reason, until }: Pick<Lock, 'by' | 'until'> & { reason: string },
): void {
  const made: Lock = {
    by,
    since: draft.now,
    until,
    reason: draft.text(reason.trim()),
    nagAt: draft.facts.calendar.workingTime(firstNag(draft.now, until), [actorKey(by)]),
  };
  draft.emit({
    type: 'SlotLocked',
    service,
    environment,
    lock: made,
    ...(before === undefined || actorKey(before.by) === actorKey(by) ? {} : { from: before.by }),
  });
}

function release(draft: Draft, slot: Slot, { by }: OfLock<'unlock'>): void {
  if (slot.lock === undefined) return;
  const { service, environment } = slot;
  draft.emit({ type: 'SlotUnlocked', service, environment, by, was: slot.lock.by });
  wakeSlot(draft, environment);
}

/** What waited for the lock goes on. */
export function wakeSlot(draft: Draft, environment: string): void {
  for (const { service, id, version } of openIn(draft, environment)) {
    advance(draft, { kind: 'deployment', service, environment, id, version });
  }
}
