import type { RefusalCode } from '../coverage.ts';
import { SlackRefusal } from '../errors.ts';
import { flag, text } from '../fields.ts';
import { messageContent, messageMetadata } from '../limits/messages.ts';
import type { Message } from '../types.ts';
import { wireMessage } from '../wire.ts';
import { type ApiContext, type ApiMethod, conversation, joinedConversation, required } from './method.ts';

const write = { token: 'bot', scope: 'chat:write' } as const;

const postMessage: ApiMethod = {
  ...write,
  tier: 'channel',
  answer(args, context) {
    const { state } = context;
    const channel = joinedConversation(args, context);
    if (channel.isArchived) throw new SlackRefusal('is_archived');
    const content = messageContent(args, 'post');
    const metadata = messageMetadata(args);
    const threadTs = threadOf(channel.messages, text(args, 'thread_ts'));
    const { botUserId, botId, appId } = state.installation;
    const message = state.put({
      type: 'message',
      ...(threadTs !== undefined && flag(args, 'reply_broadcast') ? { subtype: 'thread_broadcast' } : {}),
      channel: channel.id,
      ts: state.clock.next(),
      user: botUserId,
      bot_id: botId,
      app_id: appId,
      ...content,
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
      ...(metadata === undefined ? {} : { metadata }),
    });
    return {
      channel: channel.id,
      ts: message.ts,
      message: wireMessage(message, state, { withMetadata: true }),
    };
  },
};

const update: ApiMethod = {
  ...write,
  tier: 3,
  answer(args, context) {
    const { state } = context;
    const channel = conversation(args, context);
    const old = ownMessage(args, context, 'cant_update_message');
    if (channel.isArchived) throw new SlackRefusal('is_inactive');
    const content = messageContent(args, 'update');
    const metadata = messageMetadata(args);
    const { blocks: _blocks, edited: _edited, ...rest } = old;
    const isMarkedEdited = content.blocks === undefined;
    const message = state.put({
      ...rest,
      ...content,
      ...(metadata === undefined ? {} : { metadata }),
      ...(isMarkedEdited ? { edited: { user: old.user, ts: state.clock.next() } } : {}),
    });
    return { channel: channel.id, ts: message.ts, text: message.text, message: wireMessage(message, state) };
  },
};

const remove: ApiMethod = {
  ...write,
  tier: 3,
  answer(args, context) {
    const channel = conversation(args, context);
    const message = ownMessage(args, context, 'cant_delete_message');
    if (channel.isArchived) throw new SlackRefusal('is_inactive');
    context.state.remove(channel.id, message.ts);
    return { channel: channel.id, ts: message.ts };
  },
};

const postEphemeral: ApiMethod = {
  ...write,
  tier: 4,
  answer(args, context) {
    const { state } = context;
    const channel = joinedConversation(args, context);
    if (channel.isArchived) throw new SlackRefusal('is_archived');
    const user = required(args, 'user');
    if (!channel.members.has(user)) throw new SlackRefusal('user_not_in_channel');
    const content = messageContent(args, 'post');
    const threadTs = threadOf(channel.messages, text(args, 'thread_ts'));
    const place = { channel: channel.id, ...(threadTs === undefined ? {} : { thread_ts: threadTs }) };
    return { message_ts: state.addEphemeral({ ...content, ...place, user }).ts };
  },
};

const getPermalink: ApiMethod = {
  token: 'bot',
  tier: 'none',
  answer(args, context) {
    const channel = conversation(args, context);
    const message = channel.messages.get(required(args, 'message_ts'));
    if (message === undefined) throw new SlackRefusal('message_not_found');
    const thread = message.thread_ts === undefined ? '' : `?thread_ts=${message.thread_ts}&cid=${channel.id}`;
    const permalink = `${context.baseUrl}/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}`;
    return { channel: channel.id, permalink };
  },
};

/** The methods that begin with `chat.`. */
export const chatMethods: Readonly<Record<string, ApiMethod>> = {
  'chat.postMessage': postMessage,
  'chat.update': update,
  'chat.delete': remove,
  'chat.postEphemeral': postEphemeral,
  'chat.getPermalink': getPermalink,
};

function ownMessage(
  args: Parameters<ApiMethod['answer']>[0],
  context: ApiContext,
  refusal: RefusalCode,
): Message {
  const message = conversation(args, context).messages.get(required(args, 'ts'));
  if (message === undefined || message.subtype === 'tombstone') throw new SlackRefusal('message_not_found');
  if (message.user !== context.state.installation.botUserId) throw new SlackRefusal(refusal);
  return message;
}

/** A reply to a reply goes to the parent's thread, as in Slack. */
function threadOf(messages: ReadonlyMap<string, Message>, ts: string | undefined): string | undefined {
  if (ts === undefined) return undefined;
  const parent = messages.get(ts);
  if (parent === undefined) throw new SlackRefusal('thread_not_found');
  return parent.thread_ts ?? parent.ts;
}
