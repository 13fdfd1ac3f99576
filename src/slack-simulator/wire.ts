import type { Conversation, WorkspaceState } from './state.ts';
import type { EphemeralMessage, Fields, Message, Person, View } from './types.ts';

/** A message as the Web API and payloads carry it: metadata only where it was asked for. */
export function wireMessage(
  message: Message,
  state: WorkspaceState,
  how: { withMetadata?: boolean } = {},
): Fields {
  const { channel, metadata, ...rest } = message;
  const { teamId, botName, botId, appId } = state.installation;
  const replies =
    message.thread_ts === undefined || message.thread_ts === message.ts
      ? state.replies(channel, message.ts)
      : [];
  const users = [...new Set(replies.map((reply) => reply.user))];
  const last = replies.at(-1);
  return {
    ...rest,
    team: teamId,
    ...(message.bot_id === undefined
      ? {}
      : {
          bot_profile: {
            id: botId,
            app_id: appId,
            name: botName,
            team_id: teamId,
            deleted: false,
            updated: 0,
          },
        }),
    ...(last === undefined
      ? {}
      : {
          thread_ts: message.ts,
          reply_count: replies.length,
          reply_users_count: users.length,
          reply_users: users,
          latest_reply: last.ts,
        }),
    ...(how.withMetadata && metadata !== undefined ? { metadata } : {}),
  };
}

/** An ephemeral message as `block_actions` carries it: no text, no blocks. */
export function wireEphemeral(message: EphemeralMessage, state: WorkspaceState): Fields {
  return {
    type: 'message',
    ts: message.ts,
    bot_id: state.installation.botId,
    app_id: state.installation.appId,
  };
}

/** A conversation as `conversations.info` shows it. */
export function wireConversation(each: Conversation, state: WorkspaceState): Fields {
  const common = { id: each.id, is_archived: each.isArchived, context_team_id: state.installation.teamId };
  if (each.kind === 'im') return { ...common, is_im: true, is_channel: false, user: each.name };
  return {
    ...common,
    name: each.name,
    name_normalized: each.name,
    is_channel: true,
    is_im: false,
    is_mpim: false,
    is_group: false,
    is_private: each.isPrivate,
    is_general: false,
    is_member: each.members.has(state.installation.botUserId),
    num_members: each.members.size,
    topic: { value: each.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
}

/** A person as `users.info` shows them. */
export function wirePerson(person: Person, state: WorkspaceState): Fields {
  const realName = person.realName ?? person.name;
  return {
    id: person.id,
    team_id: state.installation.teamId,
    name: person.name,
    real_name: realName,
    deleted: person.isDeactivated === true,
    is_bot: false,
    is_app_user: false,
    is_admin: false,
    is_owner: false,
    is_restricted: person.isGuest === true,
    is_ultra_restricted: false,
    tz: 'Etc/UTC',
    tz_offset: 0,
    profile: {
      real_name: realName,
      display_name: person.name,
      ...(person.email === undefined ? {} : { email: person.email }),
    },
  };
}

/** The bot's own user. */
export function wireBotUser(state: WorkspaceState): Fields {
  const { botUserId, botName, teamId, botId, appId } = state.installation;
  return {
    id: botUserId,
    team_id: teamId,
    name: botName.toLowerCase(),
    real_name: botName,
    deleted: false,
    is_bot: true,
    is_restricted: false,
    is_ultra_restricted: false,
    profile: { real_name: botName, display_name: botName, bot_id: botId, api_app_id: appId },
  };
}

/** A view as the Web API and payloads carry it, with what was filled in. */
export function wireView(view: View, state: WorkspaceState, values: Fields = {}): Fields {
  const { user: _user, errors: _errors, ...rest } = view;
  const { teamId, appId, botId } = state.installation;
  return {
    ...rest,
    team_id: teamId,
    app_id: appId,
    app_installed_team_id: teamId,
    bot_id: botId,
    state: { values },
  };
}
