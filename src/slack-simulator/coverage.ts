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
  refusal('not_authed', 'no token'),
  refusal('invalid_auth', 'a token that is not ours'),
  refusal('not_allowed_token_type', 'the bot token where the app token is needed, and the other way round'),
  refusal('missing_scope', 'when `scopes` is given and lacks it, with needed and provided'),
  refusal('unknown_method', 'any method that is not in this table'),
  refusal('invalid_arguments', 'a needed field that is missing, and every limit of a view, with messages'),
  refusal('channel_not_found', 'no such channel, or a private one without the bot'),
  refusal('not_in_channel', 'the bot is not a member'),
  refusal('user_not_in_channel', 'an ephemeral message to somebody who is not a member'),
  refusal('user_not_found', 'no such person'),
  refusal('is_archived', 'posting into an archived channel'),
  refusal('is_inactive', 'editing or deleting in an archived channel'),
  refusal('message_not_found', 'a message that is gone, or an ephemeral one'),
  refusal('thread_not_found', 'a thread_ts that is no message'),
  refusal('cant_update_message', "somebody else's message"),
  refusal('cant_delete_message', "somebody else's message"),
  refusal('no_text', 'neither text nor blocks'),
  refusal('msg_too_long', 'text above 4,000 characters in chat.update; markdown_text above 12,000'),
  refusal('msg_blocks_too_long', 'blocks above 13,200 characters in sum'),
  refusal('markdown_text_conflict', 'markdown_text together with text or blocks'),
  refusal('invalid_blocks', 'every limit of Block Kit in src/slack-simulator/limits, with messages'),
  refusal('invalid_blocks_format', 'blocks that are no JSON list'),
  refusal('invalid_metadata_format', 'metadata without event_type or event_payload'),
  refusal('invalid_trigger_id', 'a trigger_id that was never given out'),
  refusal('expired_trigger_id', 'after three seconds'),
  refusal('exchanged_trigger_id', 'used twice'),
  refusal('push_limit_reached', 'a fourth modal'),
  refusal('hash_conflict', 'a view that was changed meanwhile'),
  refusal('not_found', 'a view that is closed'),
  refusal('view_too_large', 'a view above 250 kB'),
  refusal('file_not_found', 'a file whose bytes never came'),
  refusal('ratelimited', '429 with Retry-After by tier, with `rateLimits`'),
  refusal('used_url', 'a response_url for the sixth time'),
  refusal('expired_url', 'a response_url after thirty minutes'),
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
