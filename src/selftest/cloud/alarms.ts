import type { At } from '../../pipeline/domain/time.ts';
import { type Books, sameEffect } from './books.ts';
import type { CloudRequest } from './request.ts';

/** Something that must never happen, seen on the cloud's own books at the moment when it happened. */
export interface Alarm {
  at: At;
  sentence: string;
}

interface Picture {
  /** By slot: the members that get traffic and answer it. */
  serving: Map<string, string[]>;
  /** By slot: effects of which more than one instance gets traffic. */
  doubled: Map<string, string[]>;
  /** By slot: the versions that get traffic. */
  versions: Map<string, number[]>;
}

/** What every slot's traffic looks like now. */
export function pictureOf(books: Books, now: At): Picture {
  const picture: Picture = { serving: new Map(), doubled: new Map(), versions: new Map() };
  for (const [name, slot] of books.slots) {
    picture.serving.set(name, books.serving(slot, now));
    const weighted = slot.members
      .filter(({ weight, draining }) => weight > 0 && !draining)
      .flatMap(({ instance }) => books.instances.get(instance) ?? []);
    const doubled = weighted.filter((one) =>
      weighted.some((other) => other !== one && sameEffect(one.mark, other.mark)),
    );
    picture.doubled.set(name, [...new Set(doubled.map(({ mark }) => mark.effect))]);
    picture.versions.set(name, [...new Set(weighted.map(({ mark }) => mark.version))]);
  }
  return picture;
}

/** What a request did that no request may do. */
export function alarmsOf(before: Picture, after: Picture, request: CloudRequest, at: At): Alarm[] {
  const alarms: Alarm[] = [];
  for (const [slot, serving] of before.serving) {
    const now = after.serving.get(slot) ?? [];
    if (serving.length > 0 && now.length === 0)
      alarms.push({
        at,
        sentence: `${slot} had no healthy member with traffic after "${inWords(request)}".`,
      });
    const lost = 'instance' in request && serving.find((id) => id === request.instance && !now.includes(id));
    if (request.do === 'end instance' && lost)
      alarms.push({ at, sentence: `${request.instance} was ended while it served ${slot}.` });
    if (request.do === 'detach' && lost)
      alarms.push({
        at,
        sentence: `${request.instance} was taken out of ${slot} while it served, not drained.`,
      });
  }
  for (const [slot, effects] of after.doubled) {
    const was = before.doubled.get(slot) ?? [];
    for (const effect of effects)
      if (!was.includes(effect))
        alarms.push({ at, sentence: `Two instances of ${effect} got traffic in ${slot}.` });
  }
  for (const [slot, versions] of after.versions) {
    if (versions.length > 2 && (before.versions.get(slot)?.length ?? 0) <= 2)
      alarms.push({ at, sentence: `${slot} was served by three releases: ${versions.join(', ')}.` });
  }
  return alarms;
}

/** A request as a person would tell it. */
export function inWords(request: CloudRequest): string {
  switch (request.do) {
    case 'make image':
      return `make image of ${request.order.mark.effect}`;
    case 'make instance':
      return `make instance ${request.mark.effect}.g${request.mark.generation}`;
    case 'look':
    case 'end instance':
      return `${request.do} ${request.instance}`;
    case 'look at image':
    case 'publish image':
    case 'remove image':
      return `${request.do} ${request.image}`;
    case 'list':
      return 'list';
    case 'members':
      return `members of ${request.frontend.slot}`;
    case 'attach':
      return `attach ${request.instance.id} to ${request.frontend.slot} (epoch ${request.epoch})`;
    case 'shift':
      return `shift ${request.frontend.slot} to ${JSON.stringify(request.weights)} (epoch ${request.epoch})`;
    default:
      return `${request.do} ${request.instance} of ${request.frontend.slot} (epoch ${request.epoch})`;
  }
}
