import { type RunningBot, startBot } from '../../src/bot/app.ts';
import type { SlackSettings } from '../../src/bot/space.ts';
import type { ServicePolicy } from '../../src/pipeline/domain/policy.ts';
import type { SlackSimulator } from '../../src/slack-simulator/index.ts';
import { startSlackSimulator } from '../../src/slack-simulator/index.ts';
import { freePort } from '../support/free-port.ts';
import { environment, policy } from '../support/policies.ts';
import { type Mode, openCore, people, production, quiet } from './town.ts';

/** Two workspaces of one Bakery; all ids of people and channels are the same in both. */
export const workspaces = {
  acme: { team: 'T0ACME0001', name: 'acme' },
  partner: { team: 'T0PARTNER1', name: 'partner' },
} as const;
export type Which = keyof typeof workspaces;
export const channel = 'C0RELEASES';

/** `hello` belongs to acme and `billing` to partner; in each, ann may release, and bob approve. */
const service = (name: string, which: Which, port: number): ServicePolicy => {
  const { team } = workspaces[which];
  return policy({
    service: name,
    channel,
    workspace: workspaces[which],
    people: {
      bake: ['*'],
      approve: [`${team}/${people.bob}`],
      rollback: [`${team}/${people.bob}`],
      retire: ['*'],
    },
    environments: [environment('production', port, production)],
  });
};
export const services = [service('hello', 'acme', 4501), service('billing', 'partner', 4502)];

const secretsOf = (which: Which) => ({
  signingSecret: `secret of ${which}`,
  botToken: `xoxb-${which}`,
  appToken: `xapp-${which}`,
});

export interface Twins {
  acme: SlackSimulator;
  partner: SlackSimulator;
  bot: RunningBot;
  world: ReturnType<typeof openCore>['world'];
  /** What each workspace's requests are signed with. */
  secretOf(which: Which): string;
  close(): Promise<void>;
}

/** One core, ledger and bot, and two simulated workspaces that it serves. */
export async function openTwins(
  mode: Mode,
  over: { replicas?: number; oneApp?: boolean } = {},
): Promise<Twins> {
  const secrets = (which: Which) => ({
    ...secretsOf(which),
    ...(over.oneApp ? { signingSecret: 'secret of both', appToken: 'xapp-both' } : {}),
  });
  const open = (which: Which) =>
    startSlackSimulator({
      ...secrets(which),
      people: [
        { id: people.ann, name: 'ann', realName: `Ann of ${which}`, email: 'ann@example.test' },
        { id: people.bob, name: `bob-of-${which}` },
        { id: people.eve, name: `eve-of-${which}` },
      ],
      channels: [
        { id: channel, name: 'releases' },
        { id: 'C0DEPLOYS1', name: 'deploys' },
      ],
      rateLimits: true,
      installation: { teamId: workspaces[which].team, teamName: which },
      delivery: { kind: 'socket' },
    });
  const [acme, partner] = await Promise.all([open('acme'), open('partner')]);
  // Only now: a simulator takes any port that is free.
  const port = await freePort();
  if (mode === 'http')
    for (const slack of [acme, partner])
      slack.setDelivery({ kind: 'http', url: `http://127.0.0.1:${port}/slack/events` });
  const settings = (which: Which, slack: SlackSimulator): SlackSettings => ({
    ...secrets(which),
    mode,
    port,
    apiUrl: slack.apiUrl,
    workspace: workspaces[which],
    defaultChannel: 'C0DEPLOYS1',
  });
  const { world, pipeline, stop } = openCore(services);
  const bots = await Promise.all(
    Array.from({ length: over.replicas ?? 1 }, () =>
      startBot({
        pipeline,
        log: quiet,
        now: Date.now,
        workspaces: [settings('acme', acme), settings('partner', partner)],
        firstTime: (id) => world.ledger.firstTime('slack', id, Date.now()),
      }),
    ),
  );
  const [bot] = bots;
  if (bot === undefined) throw new Error('There is no bot.');
  return {
    acme,
    partner,
    bot,
    world,
    secretOf: (which) => secrets(which).signingSecret,
    async close() {
      stop();
      await Promise.all(bots.map((one) => one.stop()));
      await Promise.all([acme.close(), partner.close()]);
    },
  };
}
