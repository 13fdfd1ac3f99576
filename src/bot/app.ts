import type { AddressInfo } from 'node:net';
import { type CustomRoute, HTTPReceiver, SocketModeReceiver } from '@slack/bolt';
import type { At } from '../pipeline/domain/time.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Bot } from './asked.ts';
import { connect } from './connect.ts';
import { createHome, type Home } from './home.ts';
import { cardLines, type LineAnswer, onLine } from './line.ts';
import { boltLogger, type Log } from './log.ts';
import { createMembership } from './membership.ts';
import { type Messenger, startMessenger } from './messenger.ts';
import { createPeople } from './people.ts';
import { createRateLimit } from './rate-limit.ts';
import type { Reminding } from './reminding.ts';
import { guardRequests } from './request-guard.ts';
import { slackClients, withSlash } from './slack-clients.ts';
import { keepConnected } from './socket.ts';
import { createSuggestions, type Suggestions } from './suggestions.ts';
import { groupsOf } from './verified.ts';
import type { Style } from './views/plan.ts';
import { keepZones } from './zones.ts';

export interface SlackSettings {
  mode: 'http' | 'socket';
  /** Where Slack's requests arrive, in HTTP mode. Port 0: any free one. */
  port?: number;
  host?: string;
  botToken: string;
  /** `xapp-…`, in Socket Mode. */
  appToken?: string;
  signingSecret: string;
  /** Another Slack than the real one, for example the simulator. */
  apiUrl?: string;
  /** Our workspace. Unset: the one that the token belongs to. */
  teamId?: string;
  /** How stages are drawn: Slack's plan blocks (unset), or lines for clients without them. */
  cards?: Style;
  /** Whether a picture of each deployment goes into its thread. Unset: yes. */
  pictures?: boolean;
}

export interface BotOptions {
  pipeline: Pipeline;
  slack: SlackSettings;
  /** Where cards go whose channel cannot be posted to. */
  defaultChannel: string;
  log: Log;
  /** The installation's administrators, as bot.yaml names them. */
  admins?(): readonly string[];
  /** True the first time that a request is seen, by any bot of this ledger; remembered over a restart. */
  firstTime?: (id: string) => Promise<boolean>;
  /** How people are reminded while they work. Unset: at any time. */
  reminding?: Reminding;
  now: () => At;
  /** Told of every call of Slack's Web API: its method, and `ok` or Slack's error code. */
  onCall?: (method: string, result: string) => void;
  /** More paths on the bot's own server, in HTTP mode. */
  extraRoutes?: CustomRoute[];
}

export interface RunningBot {
  /** Where Slack's requests arrive, in HTTP mode. */
  address?: { host: string; port: number };
  /** For readiness: whether Slack reaches us and takes what we show. */
  state(): { ready: boolean; reason?: string };
  /** Runs one line of an operator at the command line, verified by the caller. */
  line(account: string, line: string, breakGlass?: string): Promise<LineAnswer>;
  /** What a card says now, for a terminal. */
  card(about: NonNullable<LineAnswer['about']>): ReturnType<typeof cardLines>;
  /** Posts a sentence of Bakery's own to a channel. Throws when Slack does not take it. */
  say(channel: string, text: string): Promise<void>;
  /** Where a person can read a message; undefined when Slack does not say. */
  link(at: { channel: string; ts: string }): Promise<string | undefined>;
  /** Looks at the outbox now. */
  wake(): void;
  stop(): Promise<void>;
}

/** The path of Slack's requests: commands, clicks and events. */
export const slackPath = '/slack/events';

/**
 * Starts the chat side. Resolves when requests can arrive, whether Slack can be reached or not: cards wait in the
 * outbox. Throws when the port is taken, or in Socket Mode when there is no app token.
 */
export async function startBot(options: BotOptions): Promise<RunningBot> {
  const { pipeline, slack, defaultChannel, log, now } = options;
  const clients = slackClients({ ...slack, log, onCall: options.onCall });
  const people = createPeople({
    client: clients.interactive,
    now,
    log,
    zones: options.reminding?.zones,
    ...(slack.teamId === undefined ? {} : { teamId: slack.teamId }),
  });
  const membership = createMembership({ client: clients.interactive, now, log });
  const messenger = startMessenger({
    pipeline,
    client: clients.progress,
    defaultChannel,
    now,
    log,
    style: slack.cards ?? 'plan',
    pictures: slack.pictures ?? true,
    name: (user) => people.name(user),
    mailbox: membership.mailbox,
    reminding: options.reminding,
  });
  const bot: Bot = {
    pipeline,
    people,
    membership,
    limits: createRateLimit(now),
    admins: options.admins ?? (() => []),
    clients,
    log,
    now,
    wake: (card) => messenger.wake(card),
  };
  const home = createHome({
    pipeline,
    clients,
    now,
    log,
    groupsOf: (person, policies) => groupsOf(bot, person, policies),
    mailbox: membership.mailbox,
  });
  const parts = { bot, home, messenger, suggestions: createSuggestions(pipeline, now) };
  const { people: reminded = () => [], zones = new Map() } = options.reminding ?? {};
  const forgetZones = keepZones({ people: reminded, zones, client: clients.progress, log });
  try {
    const running = slack.mode === 'http' ? await overHttp(parts, options) : overSocket(parts, options);
    return {
      ...running,
      async stop() {
        forgetZones();
        await running.stop();
      },
    };
  } catch (error) {
    forgetZones();
    home.stop();
    await messenger.stop();
    throw error;
  }
}

interface Parts {
  bot: Bot;
  home: Home;
  messenger: Messenger;
  suggestions: Suggestions;
}

/** Longer than proxies keep a connection (most: 60 s): one that is closed just as it is used again loses a click. */
const keepAliveTimeout = 75_000;

async function overHttp(parts: Parts, options: BotOptions): Promise<RunningBot> {
  const { slack, log, now } = options;
  const { messenger } = parts;
  const receiver = new HTTPReceiver({
    signingSecret: slack.signingSecret,
    endpoints: slackPath,
    customRoutes: options.extraRoutes ?? [],
    logger: boltLogger(log, 'receiver'),
    bodyLimit: 1024 * 1024,
  });
  receiver.requestListener = guardRequests(
    { secret: slack.signingSecret, path: slackPath, now, log, firstTime: options.firstTime },
    receiver.requestListener,
  );
  connect({ ...parts, receiver, botToken: slack.botToken, now, firstTime: options.firstTime });
  const server = await receiver.start(
    { port: slack.port ?? 0, host: slack.host ?? '127.0.0.1' },
    { keepAliveTimeout },
  );
  // A TCP server's address is never a string.
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    state: () => messenger.state(),
    ...atTheTerminal(parts.bot),
    wake: () => messenger.wake(),
    async stop() {
      const closed = receiver.stop();
      server.closeIdleConnections();
      await closed;
      parts.home.stop();
      await messenger.stop();
    },
  };
}

const atTheTerminal = (bot: Bot): Pick<RunningBot, 'line' | 'card' | 'say' | 'link'> => ({
  async link({ channel, ts }) {
    const { chat } = bot.clients.progress;
    const answer = await chat.getPermalink({ channel, message_ts: ts }).catch(() => undefined);
    return answer?.permalink;
  },
  async say(channel, text) {
    await bot.clients.progress.chat.postMessage({ channel, text });
  },
  line: (account, line, breakGlass) => onLine(bot, account, line, breakGlass),
  card: (about) => cardLines(bot, about),
});

function overSocket(parts: Parts, options: BotOptions): RunningBot {
  const { slack, log, now } = options;
  const { messenger } = parts;
  if (slack.appToken === undefined)
    throw new Error('Socket Mode needs an app token (xapp-…): set it or use http.');
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    autoReconnectEnabled: false,
    logger: boltLogger(log, 'socket'),
    installerOptions: {
      clientOptions: {
        timeout: 10_000,
        retryConfig: { retries: 0 },
        ...(slack.apiUrl === undefined ? {} : { slackApiUrl: withSlash(slack.apiUrl) }),
      },
    },
  });
  connect({ ...parts, receiver, botToken: slack.botToken, now, firstTime: options.firstTime });
  const socket = keepConnected(receiver, log);
  return {
    state: () =>
      socket.connected()
        ? messenger.state()
        : { ready: false, reason: 'The socket to Slack is not connected' },
    ...atTheTerminal(parts.bot),
    wake: () => messenger.wake(),
    async stop() {
      await socket.stop();
      parts.home.stop();
      await messenger.stop();
    },
  };
}
