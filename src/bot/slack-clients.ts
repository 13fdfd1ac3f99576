import { WebClient, type WebClientOptions } from '@slack/web-api';
import { boltLogger, type Log } from './log.ts';
import { troubleOf, WrongWorkspace } from './slack-error.ts';

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
  /** The workspace that the token has to be of: asked once, before anything leaves by it. */
  team?: string | undefined;
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
    interactive: new CountedClient(slack, {
      ...common,
      timeout: 2500,
      logger: boltLogger(slack.log, 'interactive'),
    }),
    progress: new CountedClient(slack, {
      ...common,
      timeout: 10_000,
      maxRequestConcurrency: 8,
      logger: boltLogger(slack.log, 'progress'),
    }),
  };
}

type OnCall = (method: string, result: string) => void;

interface Token {
  botToken: string;
  team?: string | undefined;
  onCall?: OnCall | undefined;
}

/** A client that tells of each call how it ended, and makes none for another workspace than its own. */
class CountedClient extends WebClient {
  readonly #onCall: OnCall | undefined;
  readonly #team: string | undefined;
  #proof: Promise<void> | undefined;

  constructor({ botToken, team, onCall }: Token, options: WebClientOptions) {
    super(botToken, options);
    this.#onCall = onCall;
    this.#team = team;
  }

  /** Resolves when Slack has said that the token is of our workspace. What could not be asked is asked again. */
  #proven(): Promise<void> {
    this.#proof ??= this.auth.test().then(
      ({ team_id: team }) => {
        if (team === this.#team) return;
        this.#proof = undefined;
        throw new WrongWorkspace(team);
      },
      (error: unknown) => {
        this.#proof = undefined;
        throw error;
      },
    );
    return this.#proof;
  }

  override async apiCall(
    ...[method, options]: Parameters<WebClient['apiCall']>
  ): ReturnType<WebClient['apiCall']> {
    try {
      if (this.#team !== undefined && method !== 'auth.test') await this.#proven();
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
