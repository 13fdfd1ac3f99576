import type { Logger } from 'pino';
import { type BotOptions, type RunningBot, startBot } from '../bot/app.ts';
import type { Config } from '../config/config.ts';
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
  const config = inForce();
  const { slack } = config;
  return startBot({
    pipeline,
    log,
    now: Date.now,
    admins: () => inForce().admins,
    ...given,
    onCall: metrics.slackCalled,
    workspaces: [
      {
        mode: slack.mode,
        host: config.http.host,
        port: slack.port,
        cards: slack.cards,
        pictures: slack.pictures,
        defaultChannel: slack.defaultChannel,
        botToken: await secretOf(slack.botToken),
        signingSecret: slack.signingSecret === undefined ? '' : await secretOf(slack.signingSecret),
        ...(slack.appToken === undefined ? {} : { appToken: await secretOf(slack.appToken) }),
        ...(slack.apiUrl === undefined ? {} : { apiUrl: slack.apiUrl }),
      },
    ],
  });
}
