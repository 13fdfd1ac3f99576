/** One line of what the simulator does like Slack. */
export interface Covered {
  readonly kind: 'method' | 'refusal' | 'delivery';
  readonly name: string;
  /** In one sentence, what of it is covered. */
  readonly how: string;
}

const method = (name: string, how: string): Covered => ({ kind: 'method', name, how });
const refusal = (name: string, how: string): Covered => ({ kind: 'refusal', name, how });
const delivery = (name: string, how: string): Covered => ({ kind: 'delivery', name, how });

/** Slack's own names for what is refused, and when. A refusal by any other name does not compile. */
const refusals = {
  not_authed: 'no token',
  invalid_auth: 'a token that is not ours',
  token_revoked: 'the bot token after `revoke(true)`',
  not_allowed_token_type: 'the bot token where the app token is needed, and the other way round',
  missing_scope: 'when `scopes` is given and lacks it, with needed and provided',
  unknown_method: 'any method that is not in this table',
  invalid_arguments: 'a needed field that is missing, and every limit of a view, with messages',
  channel_not_found: 'no such channel, or a private one without the bot',
  not_in_channel: 'the bot is not a member',
  user_not_in_channel: 'an ephemeral message to somebody who is not a member',
  user_not_found: 'no such person',
  is_archived: 'posting into an archived channel',
  is_inactive: 'editing or deleting in an archived channel',
  message_not_found: 'a message that is gone, or an ephemeral one',
  thread_not_found: 'a thread_ts that is no message',
  cant_update_message: "somebody else's message",
  cant_delete_message: "somebody else's message",
  no_text: 'neither text nor blocks',
  msg_too_long: 'text above 4,000 characters in chat.update; markdown_text above 12,000',
  msg_blocks_too_long: 'blocks above 13,200 characters in sum',
  markdown_text_conflict: 'markdown_text together with text or blocks',
  invalid_blocks: 'every limit of Block Kit in src/slack-simulator/limits, with messages',
  invalid_blocks_format: 'blocks that are no JSON list',
  invalid_metadata_format: 'metadata without event_type or event_payload',
  invalid_trigger_id: 'a trigger_id that was never given out',
  expired_trigger_id: 'after three seconds',
  exchanged_trigger_id: 'used twice',
  push_limit_reached: 'a fourth modal',
  hash_conflict: 'a view that was changed meanwhile',
  not_found: 'a view that is closed',
  view_too_large: 'a view above 250 kB',
  file_not_found: 'a file whose bytes never came',
  ratelimited: '429 with Retry-After by tier, with `rateLimits`',
  used_url: 'a response_url for the sixth time',
  expired_url: 'a response_url after thirty minutes',
  users_not_found: 'no person with this e-mail address',
  no_such_subteam: 'no such user group',
  method_not_supported_for_channel_type: 'joining what is not a public channel',
  invalid_cursor: 'a cursor that was never given out',
  alt_txt_too_large: 'alt text above 1,000 characters',
  invalid_options: 'an answer to a suggestion with options that Slack would not show, with messages',
  invalid_response_action: 'an answer to a form other than errors, update, push or clear',
  invalid_errors_block_id: 'errors of a form that name no input of it',
} as const;
export type RefusalCode = keyof typeof refusals;

/** All that the simulator does like Slack; docs/slack-simulator.md holds the same table. */
export const COVERAGE: readonly Covered[] = [
  method(
    'auth.test',
    'the installation; the scopes come in the x-oauth-scopes header when `scopes` is given',
  ),
  method('apps.connections.open', 'an address for one Socket Mode connection; app token only'),
  method(
    'chat.postMessage',
    'text, blocks, markdown_text, metadata, thread_ts, reply_broadcast; by id, name or person',
  ),
  method('chat.update', "the bot's own messages; without blocks the old ones go"),
  method('chat.delete', "the bot's own messages; a parent with replies leaves a tombstone"),
  method('chat.postEphemeral', 'to one member, until reload'),
  method('chat.getPermalink', 'an address that opens the message on the page'),
  method('conversations.list', 'types, exclude_archived, cursor'),
  method('conversations.info', 'by id or name'),
  method('conversations.members', 'with cursor'),
  method('conversations.join', 'public channels'),
  method('conversations.open', 'a direct message with one person'),
  method('conversations.history', 'oldest, latest, inclusive, limit, cursor, include_all_metadata'),
  method('conversations.replies', 'the parent and its thread, from any message of it'),
  method('users.info', 'people and the bot; guests and deactivated people are marked'),
  method('users.list', 'with cursor'),
  method('users.lookupByEmail', 'exact address'),
  method('usergroups.list', 'with include_users'),
  method('usergroups.users.list', 'the ids of the people'),
  method('views.open', 'one modal; replaces those that are open'),
  method('views.push', 'up to three'),
  method('views.update', 'by view_id or external_id, with hash'),
  method('views.publish', 'the Home tab, with hash'),
  method('files.getUploadURLExternal', 'first step of an upload, with alt_txt; the bytes are kept in memory'),
  method('files.completeUploadExternal', 'last step, shared into a channel or thread'),
  method('files.delete', 'the file, and the message that held nothing else'),
  ...Object.entries(refusals).map(([name, how]) => refusal(name, how)),
  delivery('slash command', 'its acknowledgement may carry text or blocks, to the person or the channel'),
  delivery(
    'block_actions',
    'buttons, selects, overflow, pickers, checkboxes, radio buttons; messages, modals, Home',
  ),
  delivery('block_suggestion', 'options or option groups, at most 100'),
  delivery('view_submission', 'state.values; answered with nothing, errors, update, push or clear'),
  delivery('view_closed', 'when notify_on_close was asked for'),
  delivery('shortcut', 'global'),
  delivery('message_action', 'a shortcut on a message'),
  delivery('app_home_opened', 'each time that the tab is opened'),
  delivery(
    'event retries',
    'three when an event is not acknowledged: at once, after one minute, after five; with number and reason',
  ),
  delivery('signed HTTP', 'v0 HMAC over the raw body'),
  delivery(
    'Socket Mode',
    'hello, envelopes, acknowledgement with payload, ping, refresh, up to ten connections',
  ),
  delivery('response_url', 'five times in thirty minutes: new, replace_original, delete_original'),
  delivery('operation_timeout', 'shown to the person when nothing is acknowledged within three seconds'),
  delivery('dispatch_failed', 'shown to the person when the bot is away or answers with an error'),
];
