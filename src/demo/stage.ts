import { slackPath } from '../bot/doors.ts';
import { type SlackSimulator, startSlackSimulator } from '../slack-simulator/index.ts';
import { BotProcess } from './bot-process.ts';
import type { Cloud } from './clouds/cloud.ts';
import { localCloud } from './clouds/local.ts';
import { writeConfiguration } from './configuration.ts';
import { channels, people, team } from './people.ts';
import { environments, type Place, placeAt } from './place.ts';
import { makeRepository } from './repository.ts';
import { tearDown } from './teardown.ts';
import { Traffic } from './traffic.ts';

/** Everything of a demo that runs: the simulated Slack, the bot as a process of its own, and the traffic. */
export interface Stage {
  place: Place;
  slack: SlackSimulator;
  bot: BotProcess;
  traffic: Traffic;
  /** Where production answers. */
  url: string;
  /** Milliseconds from the first process to the bot being ready. */
  readyAfter: number;
  /** Ends all that was started and leaves nothing running. Returns how many instances it ended. */
  close(): Promise<number>;
}

/** How many requests a second go to production while something is live there. */
export const requestsPerSecond = 60;

/**
 * Sets the stage under `root`, making what is missing and finding the rest as it was. `adapt` may change the operators'
 * files before the bot reads them.
 */
export async function setStage(
  root: string,
  adapt?: (place: Place) => void,
  cloud: Cloud = localCloud,
): Promise<Stage> {
  const began = Date.now();
  const place = await placeAt(root);
  await cloud.prepare(place);
  makeRepository(place, cloud.base);
  const traffic = new Traffic();
  const bot = new BotProcess(place);
  const urlOf = frontDoors(place, await cloud.host());
  const slack = await startSimulator(place, bot, traffic, urlOf);
  writeConfiguration(place, slack.url, cloud);
  adapt?.(place);
  await bot.start();
  return {
    place,
    slack,
    bot,
    traffic,
    url: urlOf('production'),
    readyAfter: Date.now() - began,
    close: async () => {
      await traffic.stop();
      await bot.stop();
      const ended = await tearDown(place, cloud);
      await slack.close();
      return ended;
    },
  };
}

const frontDoors =
  ({ ports }: Place, host: string) =>
  (environment: (typeof environments)[number]): string =>
    `http://${host}:${ports[environment]}/`;
type FrontDoors = ReturnType<typeof frontDoors>;

function startSimulator(
  place: Place,
  bot: BotProcess,
  traffic: Traffic,
  urlOf: FrontDoors,
): Promise<SlackSimulator> {
  const { ports, secrets } = place;
  return startSlackSimulator({
    port: ports.simulator,
    people,
    channels,
    installation: { teamId: team },
    signingSecret: secrets.signing,
    botToken: secrets.bot,
    appToken: secrets.app,
    delivery: { kind: 'http', url: `http://127.0.0.1:${ports.slack}${slackPath}` },
    stateFile: place.simulatorState,
    commands: [
      {
        command: '/bake',
        description: 'Release a service',
        usageHint: 'hello | status | history hello | help',
      },
      { command: '/rollback', description: 'Bring an earlier version back', usageHint: 'hello v1' },
    ],
    panel: {
      state: () => panelState(place, bot, traffic, urlOf),
      actions: [
        {
          id: 'kill-bot',
          label: 'Kill the bot',
          run: async () => {
            bot.kill();
            return 'The bot was killed with -9. It starts again in a second; watch the traffic go on meanwhile.';
          },
        },
      ],
      onChange: (listener) => traffic.onChange(listener),
    },
  });
}

function panelState({ work }: Place, bot: BotProcess, traffic: Traffic, urlOf: FrontDoors): unknown {
  const times = bot.restarts === 1 ? 'once' : `${bot.restarts} times`;
  const restarts = bot.restarts === 0 ? '' : `, started again ${times}`;
  return {
    title: 'hello in production',
    urls: [...environments].reverse().map((name) => ({ label: name, url: urlOf(name) })),
    traffic: { perSecond: traffic.seconds.slice(-60), sent: traffic.sent, failed: traffic.failed },
    notes: [
      'Type /bake hello into #deploys. Then Approve, and watch the traffic move.',
      `The repository is ${work}: edit, commit, and the push arrives.`,
      'Kill the bot in the middle of a cut-over: traffic goes on, and the card catches up.',
    ],
    processes: [`bot: process ${bot.pid ?? '–'}${restarts}`],
  };
}
