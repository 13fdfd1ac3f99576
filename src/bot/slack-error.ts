import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import type { Millis } from '../pipeline/domain/time.ts';

/** What went wrong in a call to Slack: decides what is done about it. */
export type SlackTrouble =
  | { is: 'rate limited'; wait: Millis }
  /** The answer was lost: Slack may have taken the call. */
  | { is: 'unknown outcome'; code: string }
  /** Slack refused it for now and took nothing. */
  | { is: 'busy'; code: string }
  | { is: 'too long'; code: string }
  | { is: 'message gone'; code: string }
  | { is: 'not editable'; code: string }
  | { is: 'channel'; code: string }
  | { is: 'auth'; code: string }
  | { is: 'missing scope'; code: string }
  | { is: 'other'; code: string };

const kinds: Record<string, Exclude<SlackTrouble['is'], 'rate limited' | 'unknown outcome' | 'other'>> = {
  msg_too_long: 'too long',
  msg_blocks_too_long: 'too long',
  invalid_blocks: 'too long',
  message_not_found: 'message gone',
  thread_not_found: 'message gone',
  cant_update_message: 'not editable',
  edit_window_closed: 'not editable',
  is_inactive: 'not editable',
  block_mismatch: 'not editable',
  channel_not_found: 'channel',
  not_in_channel: 'channel',
  is_archived: 'channel',
  restricted_action: 'channel',
  restricted_action_read_only_channel: 'channel',
  channel_type_not_supported: 'channel',
  invalid_auth: 'auth',
  not_authed: 'auth',
  account_inactive: 'auth',
  token_revoked: 'auth',
  token_expired: 'auth',
  org_login_required: 'auth',
  team_access_not_granted: 'auth',
  missing_scope: 'missing scope',
  service_unavailable: 'busy',
  internal_error: 'busy',
  fatal_error: 'busy',
  request_timeout: 'busy',
  team_added_to_org: 'busy',
};

/** A token is of another workspace than bot.yaml says: nothing may leave by it. */
export class WrongWorkspace extends Error {
  constructor(team: string | undefined) {
    super(
      `this token belongs to the workspace ${team ?? 'of nobody'}, which is not the one that bot.yaml names`,
    );
  }
}

/** Sorts an error of the SDK once, here, by its type and Slack's own code. */
export function troubleOf(error: unknown): SlackTrouble {
  if (error instanceof WebAPIRateLimitedError) return { is: 'rate limited', wait: error.retryAfter * 1000 };
  if (error instanceof WebAPIHTTPError) return { is: 'unknown outcome', code: `http_${error.statusCode}` };
  if (error instanceof WebAPIRequestError) return { is: 'unknown outcome', code: error.original.name };
  if (error instanceof WebAPIPlatformError) {
    const code = String(error.data.error).slice(0, 100);
    if (code === 'ratelimited' || code === 'rate_limited' || code === 'message_limit_exceeded') {
      return { is: 'rate limited', wait: (error.data.response_metadata?.retryAfter ?? 10) * 1000 };
    }
    return { is: kinds[code] ?? 'other', code };
  }
  if (error instanceof WrongWorkspace) return { is: 'auth', code: error.message };
  return { is: 'other', code: error instanceof Error ? error.message : String(error) };
}
