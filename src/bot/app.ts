import type { AddressInfo } from 'node:net';
import { App, type CustomRoute, HTTPReceiver, type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { At } from '../pipeline/domain/time.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { orSorry, tell } from './answer.ts';
import type { Asked, Bot } from './asked.ts';
import { cardLines, type LineAnswer, onLine } from './line.ts';
import { boltLogger, type Log } from './log.ts';
import { type Messenger, startMessenger } from './messenger.ts';
import { askedByClick, askedByCommand, askedByReason } from './payloads.ts';
import { createPeople } from './people.ts';
import { guardRequests } from './request-guard.ts';
import { onButton, onCommand, onReason } from './requests.ts';
import { createSeen } from './seen.ts';
import { slackClients, withSlash } from './slack-clients.ts';
import { keepConnected } from './socket.ts';
import type { Style } from './views/plan.ts';
import { rejectCallback } from './views/reject-modal.ts';

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
}

export interface BotOptions {
  pipeline: Pipeline;
  slack: SlackSettings;
  /** Where cards go whose channel cannot be posted to. */
  defaultChannel: string;
  log: Log;
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
  line(account: string, line: string): Promise<LineAnswer>;
  /** What a card says now, for a terminal. */
  card(about: NonNullable<LineAnswer['about']>): ReturnType<typeof cardLines>;
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
    ...(slack.teamId === undefined ? {} : { teamId: slack.teamId }),
  });
  const messenger = startMessenger({
    pipeline,
    client: clients.progress,
    defaultChannel,
    now,
    log,
    style: slack.cards ?? 'plan',
    name: (user) => people.name(user),
  });
  const bot: Bot = { pipeline, people, clients, log, wake: (card) => messenger.wake(card) };
  try {
    return slack.mode === 'http'
      ? await overHttp(bot, options, messenger)
      : overSocket(bot, options, messenger);
  } catch (error) {
    await messenger.stop();
    throw error;
  }
}

async function overHttp(bot: Bot, options: BotOptions, messenger: Messenger): Promise<RunningBot> {
  const { slack, log, now } = options;
  const receiver = new HTTPReceiver({
    signingSecret: slack.signingSecret,
    endpoints: slackPath,
    customRoutes: options.extraRoutes ?? [],
    logger: boltLogger(log, 'receiver'),
    bodyLimit: 1024 * 1024,
  });
  receiver.requestListener = guardRequests(
    { secret: slack.signingSecret, path: slackPath, now, log },
    receiver.requestListener,
  );
  connect(bot, options, receiver);
  const server = await receiver.start({ port: slack.port ?? 0, host: slack.host ?? '127.0.0.1' });
  // A TCP server's address is never a string.
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    state: () => messenger.state(),
    ...atTheTerminal(bot),
    wake: () => messenger.wake(),
    async stop() {
      const closed = receiver.stop();
      server.closeIdleConnections();
      await closed;
      await messenger.stop();
    },
  };
}

const atTheTerminal = (bot: Bot): Pick<RunningBot, 'line' | 'card'> => ({
  line: (account, line) => onLine(bot, account, line),
  card: (about) => cardLines(bot, about),
});

function overSocket(bot: Bot, options: BotOptions, messenger: Messenger): RunningBot {
  const { slack, log } = options;
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
  connect(bot, options, receiver);
  const socket = keepConnected(receiver, log);
  return {
    state: () =>
      socket.connected()
        ? messenger.state()
        : { ready: false, reason: 'The socket to Slack is not connected' },
    ...atTheTerminal(bot),
    wake: () => messenger.wake(),
    async stop() {
      await socket.stop();
      await messenger.stop();
    },
  };
}

/** The list of what Slack can send. Each is acknowledged before any work. */
function connect(bot: Bot, { slack, log, now }: BotOptions, receiver: Receiver): void {
  const app = new App({
    receiver,
    logger: boltLogger(log, 'bolt'),
    convoStore: false,
    ignoreSelf: false,
    // No call to Slack before an acknowledgement: our own clients know the token.
    authorize: async () => ({ botToken: slack.botToken }),
  });
  const seen = createSeen(5 * 60_000);
  app.use(async ({ body, next, ...rest }) => {
    const trigger = 'trigger_id' in body && typeof body.trigger_id === 'string' ? body.trigger_id : undefined;
    if (trigger === undefined || !seen.again(trigger, now())) return next();
    log.info({}, 'a request came a second time and was left out');
    if ('ack' in rest && typeof rest.ack === 'function') await rest.ack();
    return undefined;
  });

  for (const slash of ['/bake', '/rollback'] as const) {
    app.command(slash, async ({ command, ack, respond }) => {
      await ack();
      const asked = askedByCommand(command);
      const answer = await orSorry(log, slash, () => onCommand(bot, asked, slash, command.text ?? ''));
      if (answer !== undefined) await tell(bot, asked, answer, respond);
    });
  }
  app.action(/^/, async ({ body, action, ack, respond }) => {
    await ack();
    if (body.type !== 'block_actions' || action.type !== 'button' || !('action_id' in action)) return;
    const asked: Asked = askedByClick(body);
    const answer = await orSorry(log, action.action_id, () =>
      onButton(bot, asked, action.action_id, action.value),
    );
    if (answer !== undefined) await tell(bot, asked, answer, respond);
  });
  app.view(rejectCallback, async ({ body, ack }) => {
    await ack();
    const given = body.type === 'view_submission' ? askedByReason(body) : undefined;
    if (given === undefined) return;
    const answer = await orSorry(log, 'reject', () => onReason(bot, given.asked, given.order));
    if (answer !== undefined) await tell(bot, given.asked, answer);
  });
  app.error(async (error) => log.error({ err: error }, 'a slack request could not be handled'));
}
