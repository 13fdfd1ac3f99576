import { WebClient, type WebClientOptions } from '@slack/web-api';
import { boltLogger, type Log } from './log.ts';
import { troubleOf } from './slack-error.ts';

/** Slack as the bot calls it. A rate limit of one client never holds up the other. */
export interface SlackClients {
  /** What a person waits for: modals, ephemeral answers, who somebody is. */
  interactive: WebClient;
  /** Cards and notes. */
  progress: WebClient;
}

/**
 * Neither client retries by itself: a post that timed out after Slack took it would come twice, and the messenger,
 * which knows what is still to be shown, retries better.
 */
export function slackClients(slack: {
  botToken: string;
  apiUrl?: string;
  log: Log;
  onCall?: OnCall | undefined;
}): SlackClients {
  const common: WebClientOptions = {
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    allowAbsoluteUrls: false,
    ...(slack.apiUrl === undefined ? {} : { slackApiUrl: withSlash(slack.apiUrl) }),
  };
  return {
    interactive: new CountedClient(slack.onCall, slack.botToken, {
      ...common,
      timeout: 2500,
      logger: boltLogger(slack.log, 'interactive'),
    }),
    progress: new CountedClient(slack.onCall, slack.botToken, {
      ...common,
      timeout: 10_000,
      maxRequestConcurrency: 8,
      logger: boltLogger(slack.log, 'progress'),
    }),
  };
}

type OnCall = (method: string, result: string) => void;

/** A client that tells of each call how it ended. */
class CountedClient extends WebClient {
  readonly #onCall: OnCall | undefined;

  constructor(onCall: OnCall | undefined, token: string, options: WebClientOptions) {
    super(token, options);
    this.#onCall = onCall;
  }

  override async apiCall(
    ...[method, options]: Parameters<WebClient['apiCall']>
  ): ReturnType<WebClient['apiCall']> {
    try {
      const answer = await super.apiCall(method, options);
      this.#onCall?.(method, 'ok');
      return answer;
    } catch (error) {
      const trouble = troubleOf(error);
      this.#onCall?.(method, 'code' in trouble ? trouble.code : 'ratelimited');
      throw error;
    }
  }
}

export const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);
