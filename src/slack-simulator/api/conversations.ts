import { SlackRefusal } from '../errors.ts';
import { flag, text } from '../fields.ts';
import type { Conversation } from '../state.ts';
import type { Fields, Message } from '../types.ts';
import { wireConversation, wireMessage } from '../wire.ts';
import {
  type ApiContext,
  type ApiMethod,
  conversation,
  joinedConversation,
  page,
  required,
} from './method.ts';

const read = { token: 'bot', scope: 'channels:read' } as const;
const history = { token: 'bot', scope: 'channels:history', tier: 3 } as const;

/** The methods that begin with `conversations.`. */
export const conversationMethods: Readonly<Record<string, ApiMethod>> = {
  'conversations.list': {
    ...read,
    tier: 2,
    answer(args, { state }) {
      const types = (text(args, 'types') ?? 'public_channel').split(',').map((type) => type.trim());
      const bot = state.installation.botUserId;
      const visible = [...state.conversations.values()].filter(
        (each) =>
          types.includes(each.kind === 'im' ? 'im' : each.isPrivate ? 'private_channel' : 'public_channel') &&
          (!each.isPrivate || each.members.has(bot)) &&
          !(flag(args, 'exclude_archived') && each.isArchived),
      );
      const part = page(visible, args, 100);
      const channels = part.items.map((each) => wireConversation(each, state));
      return { channels, response_metadata: part.metadata };
    },
  },
  'conversations.info': {
    ...read,
    tier: 3,
    answer: (args, context) => ({ channel: wireConversation(conversation(args, context), context.state) }),
  },
  'conversations.members': {
    ...read,
    tier: 4,
    answer(args, context) {
      const part = page([...conversation(args, context).members], args, 100);
      return { members: part.items, response_metadata: part.metadata };
    },
  },
  'conversations.join': {
    token: 'bot',
    scope: 'channels:join',
    tier: 3,
    answer(args, context) {
      const channel = conversation(args, context);
      if (channel.kind !== 'channel' || channel.isPrivate) {
        throw new SlackRefusal('method_not_supported_for_channel_type');
      }
      if (channel.isArchived) throw new SlackRefusal('is_archived');
      channel.members.add(context.state.installation.botUserId);
      context.state.changed({ kind: 'channel', channel: channel.id });
      return { channel: wireConversation(channel, context.state) };
    },
  },
  'conversations.open': {
    token: 'bot',
    scope: 'im:write',
    tier: 3,
    answer(args, { state }) {
      const user = required(args, 'users');
      if (!state.people.has(user)) throw new SlackRefusal('user_not_found');
      return { channel: { id: state.directMessage(user).id } };
    },
  },
  'conversations.history': {
    ...history,
    answer(args, context) {
      const channel = joinedConversation(args, context);
      const newestFirst = inRange(context.state.topLevel(channel.id), args).reverse();
      return answerMessages(newestFirst, channel, args, context);
    },
  },
  'conversations.replies': {
    ...history,
    answer(args, context) {
      const channel = joinedConversation(args, context);
      const asked = channel.messages.get(required(args, 'ts'));
      if (asked === undefined) throw new SlackRefusal('thread_not_found');
      const parent = channel.messages.get(asked.thread_ts ?? asked.ts) ?? asked;
      const thread = [parent, ...inRange(context.state.replies(channel.id, parent.ts), args)];
      return answerMessages(thread, channel, args, context);
    },
  },
};

function inRange(messages: readonly Message[], args: Fields): Message[] {
  const oldest = Number(text(args, 'oldest') ?? 0);
  const latest = Number(text(args, 'latest') ?? Number.POSITIVE_INFINITY);
  const inclusive = flag(args, 'inclusive');
  return messages.filter(({ ts }) => {
    const at = Number(ts);
    return inclusive ? at >= oldest && at <= latest : at > oldest && at < latest;
  });
}

function answerMessages(
  messages: readonly Message[],
  channel: Conversation,
  args: Fields,
  context: ApiContext,
): Fields {
  const part = page(messages, args, 100);
  const withMetadata = flag(args, 'include_all_metadata');
  return {
    channel: channel.id,
    messages: part.items.map((message) => wireMessage(message, context.state, { withMetadata })),
    has_more: part.more,
    pin_count: 0,
    response_metadata: part.metadata,
  };
}
