import type { Accepted } from '../../domain/command.ts';
import { evolveGroup } from '../../domain/evolve-group.ts';
import type { Facts } from '../../domain/facts.ts';
import type { Grant } from '../../domain/grant.ts';
import type { GroupPolicy, GroupRelease } from '../../domain/group.ts';
import type { GroupEvent } from '../../domain/group-event.ts';
import type { At, TextRef } from '../../domain/time.ts';
import { type Decision, Draft } from '../draft.ts';

/** What a decision about a group may know: its releases that are open, recent or named, and the facts of each service. */
export interface GroupFacts {
  policy: GroupPolicy;
  /** Of all that there were: the number of the next. */
  nextNumber: number;
  releases: ReadonlyMap<number, GroupRelease>;
  members: ReadonlyMap<string, Facts>;
  textRef: (text: string) => TextRef;
}

/** What was decided for a group and for its services: committed in one transaction. */
export interface GroupDecision {
  events: GroupEvent[];
  texts: Record<TextRef, string>;
  grants: Grant[];
  answer: Accepted;
  /** What follows for each service. */
  members: Map<string, Decision>;
}

/** A decision about a group in the making: its own events, and a draft of each service. */
export class GroupDraft {
  readonly now: At;
  readonly facts: GroupFacts;
  readonly events: GroupEvent[] = [];
  readonly texts: Record<TextRef, string> = {};
  readonly #releases: Map<number, GroupRelease>;
  readonly #members: Map<string, Draft>;

  constructor(facts: GroupFacts, now: At) {
    this.now = now;
    this.facts = facts;
    this.#releases = new Map(facts.releases);
    this.#members = new Map([...facts.members].map(([service, of]) => [service, new Draft(of, now)]));
  }

  get policy(): GroupPolicy {
    return this.facts.policy;
  }

  /** Newest first. */
  get releases(): GroupRelease[] {
    return [...this.#releases.values()].toSorted((a, b) => b.number - a.number);
  }

  release(number: number): GroupRelease | undefined {
    return this.#releases.get(number);
  }

  /** A service of the group; undefined when the files do not know it any more. */
  member(service: string): Draft | undefined {
    return this.#members.get(service);
  }

  emit(...events: GroupEvent[]): void {
    for (const event of events) {
      this.events.push(event);
      const row = evolveGroup(this.#releases.get(event.number), event, this.now);
      if (row !== undefined) this.#releases.set(event.number, row);
    }
  }

  text(words: string): TextRef {
    const ref = this.facts.textRef(words);
    this.texts[ref] = words;
    return ref;
  }

  decision(answer: Accepted): GroupDecision {
    const members = new Map([...this.#members].map(([service, draft]) => [service, draft.decision(answer)]));
    return {
      events: this.events,
      texts: this.texts,
      grants: [...members.values()].flatMap(({ grants }) => grants),
      answer,
      members: new Map([...members].filter(([, made]) => hasSomething(made))),
    };
  }
}

const hasSomething = ({ events, orders, stop }: Decision): boolean =>
  events.length + orders.length + stop.length > 0;
