import type { Logger } from 'pino';
import { type BotOptions, type RunningBot, startBot } from '../bot/app.ts';
import type { Config, SlackSettings as Workspace } from '../config/config.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { secretOf } from './secrets.ts';

/** The chat side, with its tokens read. */
export async function startSlack(
  inForce: () => Config,
  pipeline: Pipeline,
  metrics: Metrics,
  log: Logger,
  given: Required<Pick<BotOptions, 'firstTime' | 'reminding'>>,
): Promise<RunningBot> {
  const { slack, http } = inForce();
  const [first, ...others] = slack;
  return startBot({
    pipeline,
    log,
    now: Date.now,
    admins: () => inForce().admins,
    ...given,
    onCall: metrics.slackCalled,
    workspaces: [
      await withSecrets(first, http.host),
      ...(await Promise.all(others.map((one) => withSecrets(one, http.host)))),
    ],
  });
}

const withSecrets = async (
  { signingSecret, appToken, botToken, adminChannel: _, ...slack }: Workspace,
  host: string,
): Promise<BotOptions['workspaces'][0]> => ({
  ...slack,
  host,
  botToken: await secretOf(botToken),
  signingSecret: signingSecret === undefined ? '' : await secretOf(signingSecret),
  ...(appToken === undefined ? {} : { appToken: await secretOf(appToken) }),
});

/** A check of readiness: its name, and what it throws or tells. */
interface SlackReadiness {
  name: string;
  check(): { note: string } | undefined;
}

/**
 * Whether Slack reaches Bakery, workspace by workspace. One that is away is told and holds up no other: not ready is
 * Bakery only when none is.
 */
export function slackReadiness(bot: Pick<RunningBot, 'states'>): SlackReadiness[] {
  return bot.states().map(({ workspace }, index) => ({
    name: workspace === undefined ? 'slack' : `slack ${workspace}`,
    check() {
      const states = bot.states().map(({ state }) => state);
      const { ready = false, reason = 'Slack cannot be reached.' } = states[index] ?? {};
      if (!ready && !states.some((state) => state.ready)) throw new Error(reason);
      if (!ready) return { note: `Away: ${reason}. The other workspaces are served.` };
      return states[index]?.reason === undefined ? undefined : { note: reason };
    },
  }));
}
