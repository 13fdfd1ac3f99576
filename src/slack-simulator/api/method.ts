import { SlackRefusal } from '../errors.ts';
import { text } from '../fields.ts';
import type { Tier } from '../limits/rate-limits.ts';
import type { Conversation, WorkspaceState } from '../state.ts';
import type { Triggers } from '../triggers.ts';
import type { Fields } from '../types.ts';
import type { Views } from '../views.ts';

/** What methods of the Web API work on. */
export interface ApiContext {
  readonly state: WorkspaceState;
  readonly views: Views;
  readonly triggers: Triggers;
  /** `http://127.0.0.1:PORT`. */
  readonly baseUrl: string;
  /** Makes the address of a Socket Mode connection, good for one use. */
  socketUrl(): string;
}

/** One method of the Web API. `answer` throws SlackRefusal for what Slack refuses. */
export interface ApiMethod {
  readonly tier: Tier;
  readonly token: 'bot' | 'app';
  readonly scope?: string;
  answer(args: Fields, context: ApiContext): Fields;
}

/** A field that must be there. */
export function required(args: Fields, key: string): string {
  const value = text(args, key);
  if (value === undefined) {
    const messages = [`[ERROR] missing required field: ${key}`];
    throw new SlackRefusal('invalid_arguments', { response_metadata: { messages } });
  }
  return value;
}

/** The conversation that a call names, if the bot may know of it. */
export function conversation(args: Fields, { state }: ApiContext): Conversation {
  const found = state.find(text(args, 'channel') ?? '');
  const bot = state.installation.botUserId;
  if (found === undefined || (found.isPrivate && !found.members.has(bot)))
    throw new SlackRefusal('channel_not_found');
  return found;
}

/** The conversation that a call names, if the bot is in it. */
export function joinedConversation(args: Fields, context: ApiContext): Conversation {
  const found = conversation(args, context);
  if (!found.members.has(context.state.installation.botUserId)) throw new SlackRefusal('not_in_channel');
  return found;
}

/** Part of a list, as Slack pages it, and the cursor of the next part. */
export function page<T>(all: readonly T[], args: Fields, standard: number) {
  const limit = Math.max(1, Number(text(args, 'limit') ?? standard));
  const cursor = text(args, 'cursor');
  const start =
    cursor === undefined ? 0 : Number(Buffer.from(cursor, 'base64').toString().replace('next:', ''));
  if (!Number.isInteger(start) || start < 0) throw new SlackRefusal('invalid_cursor');
  const more = start + limit < all.length;
  return {
    items: all.slice(start, start + limit),
    more,
    metadata: { next_cursor: more ? Buffer.from(`next:${start + limit}`).toString('base64') : '' },
  };
}
