import {
  answersWhatGroupAsked,
  answersWhatWasAsked,
  cardKey,
  cardOf,
  isAsking,
  isAskingForGroup,
  isDeploymentCardFinal,
  isNoticed,
  isPictured,
  isReleaseCardFinal,
  isTold,
  isToldOfGroup,
  neighbours,
} from '../pipeline/decide/announce.ts';
import { cardKeyOfGroup } from '../pipeline/domain/card.ts';
import type { Event } from '../pipeline/domain/event.ts';
import type { Rows } from '../pipeline/domain/evolve.ts';
import { activeRung } from '../pipeline/domain/group.ts';
import { type GroupEvent, isOfGroup } from '../pipeline/domain/group-event.ts';
import type { Standby } from '../pipeline/domain/standby.ts';
import type { Batch } from '../pipeline/ledger.ts';
import type { Message } from '../pipeline/outbox.ts';
import type { Statements } from './statements.ts';

/** The cards that a batch changes, each written once, and the notes that it tells. */
export class Cards {
  readonly #on: Statements;
  readonly #rows: Rows;
  readonly #batch: Batch;
  readonly #releases = new Map<string, { service: string; version: number }>();
  readonly #deployments = new Set<string>();
  readonly #groups = new Map<string, { group: string; number: number }>();

  constructor(on: Statements, rows: Rows, batch: Batch) {
    this.#on = on;
    this.#rows = rows;
    this.#batch = batch;
  }

  touchedBy(event: Event, seq: number): void {
    if (isOfGroup(event)) {
      this.#touchedByGroup(event, seq);
      return;
    }
    this.#touchGroupOf(event);
    const card = cardOf(event, (id) => this.#rows.deployment(id));
    if (card !== undefined) {
      const { service } = event;
      if ('release' in card) this.#touchRelease(service, card.release);
      else this.#touchDeployment(card.deployment);
      if (isTold(event))
        this.#note(seq, cardKey(service, card), isAsking(event) ? event.deployment : undefined);
      if (isPictured(event) && 'deployment' in event)
        this.#picture(seq, event.deployment, cardKey(service, card));
    }
    if (answersWhatWasAsked(event)) this.#closeAsking(event.deployment);
    if (isNoticed(event)) this.#notice(seq);
    const slot = 'environment' in event ? this.#rows.slot(event.service, event.environment) : undefined;
    for (const id of neighbours(event, slot)) this.#touchDeployment(id);
    this.#touchWaysBack(event);
    // What was live before may be of the same release, and is told of nowhere else.
    const before = event.type === 'WentLive' ? this.#rows.deployment(event.deployment)?.old : undefined;
    if (before !== undefined) this.#touchDeployment(before.deployment);
  }

  #touchedByGroup(event: GroupEvent, seq: number): void {
    const { service: group, number } = event;
    this.#touchGroup(group, number);
    const about = `${group}.v${number}`;
    if (isToldOfGroup(event))
      this.#note(seq, cardKeyOfGroup(group, number), isAskingForGroup(event) ? about : undefined);
    if (answersWhatGroupAsked(event)) this.#closeAsking(about);
  }

  /** Its card shows how each of its services fares. */
  #touchGroupOf(event: Event): void {
    if (!('version' in event)) return;
    const goesWith = this.#rows.release(event.service, event.version)?.goesWith;
    if (goesWith === undefined) return;
    const row = this.#rows.group(goesWith.group, goesWith.number);
    if (row !== undefined && activeRung(row) !== undefined) this.#touchGroup(row.group, row.number);
  }

  #touchGroup(group: string, number: number): void {
    this.#groups.set(cardKeyOfGroup(group, number), { group, number });
  }

  touch(deployments: readonly string[]): void {
    for (const id of deployments) this.#touchDeployment(id);
  }

  /** The card of what is live says what it would go back to. */
  touchedByLook({ service, environment }: Standby): void {
    const live = this.#rows.slot(service, environment)?.live;
    if (live !== undefined) this.#touchDeployment(live.deployment);
  }

  /** Cards of what is live stop to offer a way back to an image that may not, or cannot, be launched any more. */
  #touchWaysBack(event: Event): void {
    const everywhere = event.type === 'ImageRevoked';
    if (!everywhere && event.type !== 'ImageRemoved') return;
    const slots = everywhere ? this.#on.everySlot.all() : this.#on.slotsOf.all({ service: event.service });
    for (const { row } of slots)
      for (const serving of [row.live, row.beside])
        if (serving !== undefined) this.#touchDeployment(serving.deployment);
  }

  #touchRelease(service: string, version: number): void {
    this.#releases.set(cardKey(service, { release: version }), { service, version });
  }

  #touchDeployment(id: string): void {
    const deployment = this.#rows.deployment(id);
    if (deployment === undefined) return;
    if (deployment.ownCard) this.#deployments.add(id);
    else this.#touchRelease(deployment.service, deployment.version);
  }

  /** `asks`: what it asks people about, a deployment or a group's release. */
  #note(seq: number, card: string, asks: string | undefined): void {
    const content = { kind: 'note' as const, seq, card };
    if (asks === undefined) this.#addToThread(`note.${seq}`, content);
    else this.#addToThread(`asks.${asks}.${seq}`, { ...content, asks });
  }

  /** What was told to those who should decide is drawn anew. Their keys begin alike, so that no table is searched. */
  #closeAsking(about: string): void {
    const { at } = this.#batch;
    this.#on.redrawNotes.run({ from: `asks.${about}.`, before: `asks.${about}/`, at });
  }

  /** One for each deployment, however often it was tried. Putting back what was lost is no news. */
  #picture(seq: number, deployment: string, card: string): void {
    if (this.#rows.deployment(deployment)?.kind === 'repair') return;
    this.#addToThread(`picture.${deployment}`, { kind: 'picture', seq, card });
  }

  /** It hangs on its card: where that stands in another workspace, from before its service moved, it goes there. */
  #addToThread(key: string, content: Extract<Message['content'], { kind: 'note' | 'picture' }>): void {
    const { channel, at } = this.#batch;
    const card = this.#on.messagePlace.get({ key: content.card });
    const team = card === undefined ? this.#team : card.team;
    this.#on.addNote.run({ key, channel, team, content, at });
  }

  #notice(seq: number): void {
    const { channel, at, alsoIn = [] } = this.#batch;
    const content = { kind: 'notice' as const, seq };
    this.#on.addNote.run({ key: `notice.${seq}`, channel, team: this.#team, content, at });
    for (const { channel: there, team = null } of alsoIn)
      this.#on.addNote.run({ key: `notice.${seq}.${team}`, channel: there, team, content, at });
  }

  get #team(): string | null {
    return this.#batch.team ?? null;
  }

  write(): void {
    const { channel, at } = this.#batch;
    const team = this.#team;
    for (const [key, { service, version }] of this.#releases) {
      const release = this.#rows.release(service, version);
      const final = release !== undefined && isReleaseCardFinal(release);
      this.#on.putCard.run({
        key,
        channel,
        team,
        content: { kind: 'release card', service, version },
        final,
        at,
      });
    }
    for (const [key, { group, number }] of this.#groups) {
      const row = this.#rows.group(group, number);
      const final = row === undefined || activeRung(row) === undefined;
      this.#on.putCard.run({ key, channel, team, content: { kind: 'group card', group, number }, final, at });
    }
    for (const id of this.#deployments) {
      const deployment = this.#rows.deployment(id);
      if (deployment === undefined) continue;
      const key = cardKey(deployment.service, { deployment: id });
      const final = isDeploymentCardFinal(deployment);
      this.#on.putCard.run({
        key,
        channel,
        team,
        content: { kind: 'deployment card', deployment: id },
        final,
        at,
      });
    }
  }
}
