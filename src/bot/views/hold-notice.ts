import type { Actor } from '../../pipeline/domain/actor.ts';
import type { Event } from '../../pipeline/domain/event.ts';
import type { Lock } from '../../pipeline/domain/lock.ts';
import type { NoteView } from '../../pipeline/views.ts';
import { sentence } from './blocks.ts';
import type { Card } from './drawn.ts';
import { oneLine, person, when } from './format.ts';

type Words = (text: string) => string;

/**
 * What a channel is told of locks, freezes and revoked images; undefined when the event is none of these. `running` is
 * what still runs from a revoked image.
 */
export function holdNotice(
  { event, texts }: Pick<NoteView, 'event' | 'texts'>,
  running: string[] = [],
): Card | undefined {
  const words: Words = (ref) => oneLine(texts[ref] ?? '[erased]', 400);
  const told = ofSlot(event, words) ?? ofInstallation(event, words, running);
  return told === undefined
    ? undefined
    : { ...sentence(told), final: true, needsPerson: true, moving: false, mentions: mustKnow(event) };
}

/** Whoever has to act, or had something taken from him; all others are named without being called. */
function mustKnow(event: Event): string[] {
  if (event.type === 'LockNagged') return idsOf(event.lock.by);
  return event.type === 'SlotLocked' && event.from !== undefined ? idsOf(event.from) : [];
}

const idsOf = (by: Actor): string[] => (by.kind === 'person' ? [by.user] : []);

function ofSlot(event: Event, words: Words): string | undefined {
  switch (event.type) {
    case 'SlotLocked':
      return `🔒 ${place(event)} is locked by ${person(event.lock.by)} until ${when(event.lock.until)}: ${words(event.lock.reason)}${taken(event.from)}`;
    case 'LockNagged':
      return `🔒 ${person(event.lock.by)}: ${place(event)} is still locked by you (${words(event.lock.reason)}), until ${when(event.lock.until)}. Not needed any more? \`/bake unlock ${oneLine(event.service, 60)} ${oneLine(event.environment, 40)}\``;
    case 'SlotUnlocked':
      return event.by.kind === 'clock'
        ? `🔓 The lock of ${place(event)} is over; ${person(event.was)} held it.`
        : `🔓 ${person(event.by)} unlocked ${place(event)}.`;
    default:
      return undefined;
  }
}

const place = ({ service, environment }: { service: string; environment: string }): string =>
  `*${oneLine(service, 60)}* in *${oneLine(environment, 40)}*`;

const taken = (from: Lock['by'] | undefined): string =>
  from === undefined ? '' : `. It was taken over from ${person(from)}.`;

function ofInstallation(event: Event, words: Words, running: string[]): string | undefined {
  switch (event.type) {
    case 'InstallationClaimed':
      return `🔑 ${person(event.by)} claimed this Bakery with the code that it printed at its start.`;
    case 'FreezeOrdered': {
      const { by, until, reason } = event.freeze;
      return `🧊 ${scope(event.service)} is frozen${ordered(by)} until ${when(until)}: ${reason === undefined ? '' : words(reason)} Rollbacks are allowed.`;
    }
    case 'FreezeLifted':
      return `🌤️ ${person(event.by)} ended the freeze of ${scope(event.service)}.`;
    case 'ImageRevoked': {
      const { version, by, reason } = event.revocation;
      return `⛔ ${person(by)} revoked the image of *${oneLine(event.service, 60)} v${version}*: ${words(reason)} It is not launched any more, by any path.${running.length === 0 ? '' : ` It still runs: ${running.slice(0, 20).join('; ')}.`}`;
    }
    default:
      return undefined;
  }
}

const scope = (service: string): string =>
  service === 'all' ? 'every service' : `*${oneLine(service, 60)}*`;
const ordered = (by: Actor | undefined): string => (by === undefined ? '' : ` by ${person(by)}`);
