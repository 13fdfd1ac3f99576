import { createHmac, randomUUID } from 'node:crypto';
import { type BotOptions, type RunningBot, startBot } from '../../src/bot/app.ts';
import type { Log } from '../../src/bot/log.ts';
import { sqliteOutbox } from '../../src/ledger/outbox.ts';
import { sqliteQueries } from '../../src/ledger/queries.ts';
import { openCalendar } from '../../src/pipeline/domain/calendar.ts';
import { frontDoor } from '../../src/pipeline/front-door.ts';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import type { Repositories } from '../../src/pipeline/repositories.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { type CoreWorld, commitNamed } from './core-world.ts';
import type { FakeSlack } from './fake-slack.ts';
import { keptCard } from './kept-card.ts';
import { tempFolder } from './temp-folder.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
export const signingSecret = 'the signing secret of this test';

export interface RealBot {
  pipeline: Pipeline;
  bot: RunningBot;
  /** Refs that a repository was asked for. */
  refs: string[];
  /** Posts a form as Slack does; `over` replaces a header, undefined leaves it out. Returns the status. */
  post(form: Record<string, string>, over?: Record<string, string | undefined>): Promise<number>;
  /** Like `post`, for what is answered at once. */
  ask(form: Record<string, string>): Promise<string>;
  /** A slash command of somebody; resolves to the sentence that he got. */
  say(user: string, text: string, slash?: string): Promise<string>;
  /** A click on a button; resolves to the sentence, or undefined when the card alone says it. */
  press(user: string, id: string, value: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** The real bot, front door, core and ledger around a world, before a Slack that is faked. */
export async function realBot(
  world: CoreWorld,
  slack: FakeSlack,
  {
    folder = tempFolder(),
    log = silent,
    ...more
  }: { folder?: string; log?: Log } & Partial<Pick<BotOptions, 'reminding' | 'now'>> = {},
): Promise<RealBot> {
  const refs: string[] = [];
  const repositories: Repositories = {
    find: async ({ ref }) => {
      refs.push(ref);
      return { ...commitNamed(ref), ref, isTag: false };
    },
    touches: async () => true,
    ancestors: async () => ({}),
    reachable: async () => true,
  };
  const { policies } = world.parts;
  const store = directoryStore(folder);
  const outbox = sqliteOutbox(
    world.file.db,
    (service) => policies.get(service),
    () => world.now,
  );
  const pipeline = frontDoor({
    engine: {
      handle: (command) => world.deciding.command(command),
      traced: (asked, answer) => world.deciding.traced(asked, answer),
      subscribe: () => () => undefined,
    },
    query: sqliteQueries({
      db: world.file.db,
      store,
      policies,
      now: () => world.now,
      calendar: (service) => world.parts.calendar?.(service) ?? openCalendar,
    }),
    outbox: { ...outbox, at: async (channel, ts) => (await outbox.at(channel, ts)) ?? keptCard(channel, ts) },
    repositories,
  });
  const bot = await startBot({
    pipeline,
    workspaces: [
      {
        mode: 'http',
        port: 0,
        botToken: 'xoxb-1',
        signingSecret,
        apiUrl: slack.url,
        defaultChannel: 'C1',
      },
    ],
    log,
    now: Date.now,
    ...more,
    firstTime: (id) => world.ledger.firstTime('slack', id, Date.now()),
  });
  async function sent(
    form: Record<string, string>,
    over: Record<string, string | undefined> = {},
  ): Promise<Response> {
    const body = new URLSearchParams(form).toString();
    const stamp = over['x-slack-request-timestamp'] ?? String(Math.floor(Date.now() / 1000));
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': stamp,
      'x-slack-signature': `v0=${createHmac('sha256', signingSecret).update(`v0:${stamp}:${body}`).digest('hex')}`,
      ...over,
    };
    const said = Object.entries(headers).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value] as const],
    );
    return fetch(`http://127.0.0.1:${bot.address?.port}/slack/events`, {
      method: 'POST',
      body,
      headers: Object.fromEntries(said),
    });
  }
  const post: RealBot['post'] = async (form, over) => (await sent(form, over)).status;

  async function answered(before: number): Promise<string | undefined> {
    for (let tries = 0; tries < 200; tries++) {
      const [response] = slack.responses.slice(before);
      if (response !== undefined) return response.text;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return undefined;
  }

  return {
    pipeline,
    bot,
    refs,
    post,
    ask: async (form) => (await sent(form)).text(),
    async say(user, text, command = '/bake') {
      const before = slack.responses.length;
      await post({
        command,
        text,
        team_id: 'T1',
        user_id: user,
        channel_id: 'C1',
        trigger_id: randomUUID(),
        response_url: slack.responseUrl,
      });
      return (await answered(before)) ?? '';
    },
    async press(user, id, value) {
      const before = slack.responses.length;
      const trailed = world.trail().length;
      await post({
        payload: JSON.stringify({
          type: 'block_actions',
          user: { id: user, team_id: 'T1' },
          team: { id: 'T1' },
          channel: { id: 'C1' },
          container: { type: 'message', message_ts: '1.1', channel_id: 'C1', is_ephemeral: false },
          trigger_id: randomUUID(),
          response_url: slack.responseUrl,
          actions: [{ type: 'button', action_id: id, block_id: 'b', value, action_ts: '1.2' }],
        }),
      });
      for (let tries = 0; tries < 200; tries++) {
        if (slack.responses.length > before) return slack.responses[before]?.text;
        const last = world.trail().at(-1);
        if (world.trail().length > trailed && last?.outcome === 'accepted') return undefined;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return undefined;
    },
    stop: () => bot.stop(),
  };
}
