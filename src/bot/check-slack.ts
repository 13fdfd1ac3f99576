import { LogLevel, WebAPIPlatformError, WebClient } from '@slack/web-api';
import { withSlash } from './slack-clients.ts';
import { troubleOf } from './slack-error.ts';

/** What Bakery asks of a workspace, and what each scope is for. The app manifest holds the same list. */
export const neededScopes: Record<string, string> = {
  commands: 'to hear /bake and /rollback',
  'chat:write': 'to post cards and keep them up to date',
  'users:read': 'to tell members from guests and bots before they may do anything',
  'usergroups:read': 'to let user groups hold rights',
  'users:read.email': 'to tell whose commit a release is, so that nobody approves his own',
};

/** What is left out where a workspace does not grant it. */
export const optionalScopes: Record<string, string> = {
  'files:write': "to put a picture of each deployment into its card's thread",
  'channels:history': 'to find a card again that Slack took without an answer, in public channels',
  'groups:history': 'to find a card again that Slack took without an answer, in private channels',
};

export interface SlackCheck {
  mode: 'http' | 'socket';
  botToken: string;
  appToken?: string;
  apiUrl?: string;
  /** The workspace that bot.yaml says it is, where it says so. */
  team?: string;
  print(line: string): void;
}

/**
 * `bakery check slack`: asks Slack who the bot is and what it may do, and prints one line for each thing that is
 * right or wrong, with the fix. Tokens are never printed. Returns the exit code: 0, or 1 when something is wrong.
 */
export async function checkSlack(check: SlackCheck): Promise<0 | 1> {
  const bot = await checkBot(check);
  const app = check.mode === 'socket' ? await checkApp(check) : true;
  if (check.mode === 'http')
    check.print(
      'Mode http: Slack must reach this bot; the signing secret shows only with the first request.',
    );
  return bot && app ? 0 : 1;
}

async function checkBot(check: SlackCheck): Promise<boolean> {
  const { print } = check;
  try {
    const answer = await clientFor(check, check.botToken).auth.test();
    print(`Bot token: ${String(answer.user)} in ${String(answer.team)} (${String(answer.team_id)}).`);
    const isOurs = check.team === undefined || check.team === answer.team_id;
    if (!isOurs)
      print(
        `It is not the workspace ${check.team} that bot.yaml names: take that one's token, or correct its id.`,
      );
    return tellScopes(answer.response_metadata?.scopes, print) && isOurs;
  } catch (error) {
    print(`Bot token: ${sentenceOf(error, 'the bot token (xoxb-…) under OAuth & Permissions')}`);
    return false;
  }
}

function tellScopes(granted: string[] | undefined, print: SlackCheck['print']): boolean {
  if (granted === undefined) {
    print('Scopes: Slack did not say which are granted; compare the app with deploy/slack-manifest.json.');
    return false;
  }
  const missing = Object.entries(neededScopes).filter(([scope]) => !granted.includes(scope));
  for (const [scope, purpose] of missing)
    print(
      `Scope ${scope} is missing: it is needed ${purpose}. Add it under OAuth & Permissions, then reinstall the app.`,
    );
  for (const [scope, purpose] of Object.entries(optionalScopes).filter(([one]) => !granted.includes(one)))
    print(`Optional scope ${scope} is not granted: it is used ${purpose}; without it that is left out.`);
  const known = { ...neededScopes, ...optionalScopes };
  const surplus = granted.filter((scope) => !Object.hasOwn(known, scope));
  if (surplus.length > 0) print(`Scopes that Bakery does not need: ${surplus.join(', ')}.`);
  if (missing.length === 0)
    print(`Scopes: all ${Object.keys(neededScopes).length} that Bakery cannot do without are granted.`);
  return missing.length === 0;
}

async function checkApp(check: SlackCheck): Promise<boolean> {
  const { print, appToken } = check;
  if (appToken === undefined) {
    print(
      'App token: mode socket needs one; make it under Basic Information, with the scope connections:write.',
    );
    return false;
  }
  try {
    await clientFor(check, appToken).apps.connections.open();
    print('App token: a connection can be opened.');
    return true;
  } catch (error) {
    print(`App token: ${sentenceOf(error, 'the app-level token (xapp-…) under Basic Information')}`);
    return false;
  }
}

const clientFor = ({ apiUrl }: SlackCheck, token: string): WebClient =>
  new WebClient(token, {
    timeout: 10_000,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
    allowAbsoluteUrls: false,
    ...(apiUrl === undefined ? {} : { slackApiUrl: withSlash(apiUrl) }),
  });

function sentenceOf(error: unknown, where: string): string {
  const trouble = troubleOf(error);
  switch (trouble.is) {
    case 'auth':
      return `Slack does not accept it (${trouble.code}); take ${where} and put it where bot.yaml points.`;
    case 'missing scope':
      return `Slack says that a scope is missing (${neededBy(error)}); add it and reinstall the app.`;
    case 'rate limited':
      return `Slack asks to wait ${Math.ceil(trouble.wait / 1000)} s; try again then.`;
    case 'unknown outcome':
      return `Slack cannot be reached (${trouble.code}); check this machine's network, and slack.apiUrl in bot.yaml.`;
    default:
      return `Slack answered ${trouble.code}; see the app's settings.`;
  }
}

const neededBy = (error: unknown): string =>
  error instanceof WebAPIPlatformError && 'needed' in error.data
    ? String(error.data.needed)
    : 'it does not say which';
