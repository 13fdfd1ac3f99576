import type { CustomRoute } from '@slack/bolt';
import type { At } from '../pipeline/domain/time.ts';
import type { Posted } from '../pipeline/domain/workspace.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Bot } from './asked.ts';
import { type HttpDoors, openHttp, openSockets } from './doors.ts';
import { workspaceNamed } from './in-workspace.ts';
import { cardLines, type LineAnswer, onLine } from './line.ts';
import type { Log } from './log.ts';
import { createRateLimit } from './rate-limit.ts';
import type { Reminding } from './reminding.ts';
import type { Socket } from './socket.ts';
import { openSpace, type SlackSettings, type Space, spaceOf } from './space.ts';

export interface BotOptions {
  pipeline: Pipeline;
  /** The workspaces that it serves; what belongs to none of several belongs to the first. */
  workspaces: readonly [SlackSettings, ...SlackSettings[]];
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

/** Whether Slack reaches us and takes what we show. */
export interface Reach {
  ready: boolean;
  reason?: string;
}

export interface RunningBot {
  /** Where Slack's requests arrive, where a workspace is served over HTTP. */
  address?: { host: string; port: number };
  /** For readiness: of the first workspace that is not well, if there is one. */
  state(): Reach;
  /** The same of each workspace, by what the operators call it. */
  states(): { workspace?: string; state: Reach }[];
  /** Runs one line of an operator at the command line, verified by the caller. */
  line(account: string, line: string, breakGlass?: string): Promise<LineAnswer>;
  /** What a card says now, for a terminal. */
  card(about: NonNullable<LineAnswer['about']>): ReturnType<typeof cardLines>;
  /** Posts a sentence of Bakery's own to a channel of the first workspace. Throws when Slack does not take it. */
  say(channel: string, text: string): Promise<void>;
  /** Where a person can read a message; undefined when Slack does not say. */
  link(at: Posted): Promise<string | undefined>;
  /** Looks at the outbox now. */
  wake(): void;
  stop(): Promise<void>;
}

/**
 * Starts the chat side. Resolves when requests can arrive, whether Slack can be reached or not: cards wait in the
 * outbox. Throws when the port is taken, or in Socket Mode when there is no app token.
 */
export async function startBot(options: BotOptions): Promise<RunningBot> {
  const { pipeline, workspaces, log, now, reminding, onCall } = options;
  if (workspaces.some(({ mode, appToken }) => mode === 'socket' && appToken === undefined))
    throw new Error('Socket Mode needs an app token (xapp-…): set it or use http.');
  const shared = {
    pipeline,
    limits: createRateLimit(now),
    all: workspaces.map(({ workspace }) => workspace),
    admins: options.admins ?? (() => []),
    reminding,
    onCall,
    now,
    log,
  };
  const [first, ...others] = workspaces;
  const spaces: [Space, ...Space[]] = [
    openSpace(first, shared),
    ...others.map((settings) => openSpace(settings, shared)),
  ];
  const stopAll = async (): Promise<void> => {
    await Promise.all(spaces.map((space) => space.stop()));
  };
  let http: HttpDoors | undefined;
  try {
    http = await overHttp(spaces, options);
  } catch (error) {
    await stopAll();
    throw error;
  }
  const inSocketMode = spaces.filter(({ settings }) => settings.mode === 'socket');
  const sockets = openSockets(inSocketMode, options);
  const states = () =>
    spaces.map((space) => ({
      ...(space.settings.workspace === undefined ? {} : { workspace: space.settings.workspace.name }),
      state: stateOf(space, sockets.get(space)),
    }));
  return {
    ...(http === undefined ? {} : { address: http.address }),
    states,
    state: () => {
      const all = states().map(({ state }) => state);
      return (
        all.find(({ ready }) => !ready) ?? all.find(({ reason }) => reason !== undefined) ?? { ready: true }
      );
    },
    ...atTheTerminal(spaces, pipeline),
    wake: () => wakeAll(spaces),
    async stop() {
      await Promise.all([http?.stop(), ...[...new Set(sockets.values())].map((socket) => socket.stop())]);
      await stopAll();
    },
  };
}

async function overHttp(spaces: readonly Space[], options: BotOptions): Promise<HttpDoors | undefined> {
  const [first, ...others] = spaces.filter(({ settings }) => settings.mode === 'http');
  return first === undefined ? undefined : openHttp([first, ...others], options);
}

function stateOf({ messenger }: Space, socket: Socket | undefined): Reach {
  return socket === undefined || socket.connected()
    ? messenger.state()
    : { ready: false, reason: 'The socket to Slack is not connected' };
}

function wakeAll(spaces: readonly Space[]): void {
  for (const { messenger } of spaces) messenger.wake();
}

/** An operator at the command line is in no workspace: all services are his. */
function atTheTerminal(
  spaces: readonly [Space, ...Space[]],
  pipeline: Pipeline,
): Pick<RunningBot, 'line' | 'card' | 'say' | 'link'> {
  const [first] = spaces;
  const { clients } = first.bot;
  const bot: Bot = { ...first.bot, pipeline, elsewhere: () => undefined, wake: () => wakeAll(spaces) };
  return {
    async link({ channel, ts, team }) {
      const { chat } = spaceOf(spaces, team ?? first.settings.workspace?.team)?.bot.clients.progress ?? {};
      const answer = await chat?.getPermalink({ channel, message_ts: ts }).catch(() => undefined);
      return answer?.permalink;
    },
    async say(channel, text) {
      await clients.progress.chat.postMessage({ channel, text });
    },
    line: (account, line, breakGlass) => onLine(bot, account, line, breakGlass),
    async card(about) {
      const service =
        'service' in about
          ? about.service
          : (await pipeline.query.deployment(about.deployment))?.release.service;
      const team = service === undefined ? undefined : workspaceNamed(pipeline, service)?.team;
      const { membership } = (spaceOf(spaces, team) ?? first).bot;
      return cardLines({ ...bot, membership }, about);
    },
  };
}
