import type { Ack, Delivery, EnvelopeKind } from '../delivery/delivery.ts';
import { ImpossibleGesture } from '../errors.ts';
import type { ResponseUrls } from '../response-urls.ts';
import type { Conversation, WorkspaceState } from '../state.ts';
import type { Triggers } from '../triggers.ts';
import type { EphemeralMessage, Fields, KnownCommand, Message, Person } from '../types.ts';
import type { Views } from '../views.ts';
import type { Chosen } from './chosen.ts';

/** What gestures work with. */
export interface GestureContext {
  readonly state: WorkspaceState;
  readonly views: Views;
  readonly triggers: Triggers;
  readonly responseUrls: ResponseUrls;
  readonly chosen: Chosen;
  readonly baseUrl: string;
  readonly commands: readonly KnownCommand[];
  readonly delivery: Delivery;
}

/** What came of a gesture. */
export interface Outcome {
  readonly ack: Ack;
  /** What Slack tells the person when something went wrong. */
  readonly error?: string;
  /** What the bot answered in its acknowledgement, to this person alone. */
  readonly ephemeral?: EphemeralMessage;
  /** What the bot answered in its acknowledgement, to the channel. */
  readonly message?: Message;
  /** What a modal was refused with, by block id. */
  readonly errors?: Readonly<Record<string, string>>;
}

/** Fields that every interactive payload has. */
export function envelope(person: Person, { state }: GestureContext): Fields {
  const { teamId, teamDomain, appId } = state.installation;
  return {
    team: { id: teamId, domain: teamDomain },
    user: { id: person.id, username: person.name, name: person.name, team_id: teamId },
    api_app_id: appId,
    token: 'unused-verification-token',
    enterprise: null,
    is_enterprise_install: false,
  };
}

/** A channel as payloads name it. */
export function channelFields(channel: Conversation): Fields {
  return { id: channel.id, name: channel.kind === 'im' ? 'directmessage' : channel.name };
}

/** Sends an interactive payload and words what went wrong. */
export async function deliver(
  context: GestureContext,
  kind: EnvelopeKind,
  payload: Fields,
): Promise<Outcome> {
  const ack = await context.delivery.send(kind, payload);
  return ack.ok ? { ack } : { ack, error: `This did not work: "${ack.error}". ${ack.detail}` };
}

/**
 * The person with this id.
 * @throws ImpossibleGesture when there is nobody.
 */
export function personOf(state: WorkspaceState, id: string): Person {
  const person = state.people.get(id);
  if (person === undefined) throw new ImpossibleGesture(`There is no person ${id} in this workspace.`);
  return person;
}

/**
 * A channel that a person sees.
 * @throws ImpossibleGesture when there is none, or the person is not in it.
 */
export function channelFor(state: WorkspaceState, person: Person, idOrName: string): Conversation {
  const channel = state.find(idOrName);
  if (channel?.members.has(person.id)) return channel;
  throw new ImpossibleGesture(`${person.name} is in no channel "${idOrName}".`);
}
