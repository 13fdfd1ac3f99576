import type { Actor } from '../pipeline/domain/actor.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Log } from './log.ts';
import type { Membership } from './membership.ts';
import type { People, Person } from './people.ts';
import type { RateLimit } from './rate-limit.ts';
import type { SlackClients } from './slack-clients.ts';
import type { Drawn } from './views/drawn.ts';

/** Somebody at the command line of Bakery's own machine. */
export type Operator = Extract<Actor, { kind: 'operator' }>;

/** What commands and actions work with. */
export interface Bot {
  pipeline: Pipeline;
  people: People;
  membership: Membership;
  limits: RateLimit;
  /** Why nothing is done here about a service of another workspace; undefined when it is none. */
  elsewhere(service: string): string | undefined;
  /** The administrators that bot.yaml names. */
  admins(): readonly string[];
  clients: SlackClients;
  log: Log;
  now: () => At;
  /** Has the messenger look now; the card that was clicked is drawn before all others. */
  wake(card?: { channel: string; ts: string }): void;
}

/** One person's request, verified: who, where, and how to answer. */
export interface Asked {
  by: Person | Operator;
  channel: string;
  /** For three seconds, once: opens a modal. */
  triggerId?: string;
  /** The message whose button was pressed, when it can be edited by the messenger. */
  card?: { channel: string; ts: string };
  /** The dialog or App Home in which it was asked: the answer stands in a dialog. */
  view?: { id: string; type: 'modal' | 'home' };
  /** True when the button stands in a message that only this person sees: the answer takes its place. */
  ephemeral: boolean;
  /** An operator's reason to act where people normally have to. */
  breakGlass?: string;
}

/** What the person is told, so that only he sees it; nothing when the card says it. */
export type Answer = Drawn | undefined;
