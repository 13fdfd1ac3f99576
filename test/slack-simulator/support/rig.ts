import { App, LogLevel, type Receiver, SocketModeReceiver } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { onTestFinished } from 'vitest';
import {
  type SlackSimulator,
  type SlackSimulatorOptions,
  startSlackSimulator,
} from '../../../src/slack-simulator/index.ts';

/** The people and channels that the tests are about. */
export const ADA = 'U0ADA00001';
export const BEN = 'U0BEN00002';
export const DEPLOYS = 'C0DEPLOYS1';
export const TOKENS = {
  signingSecret: 'a-signing-secret',
  botToken: 'xoxb-test-bot',
  appToken: 'xapp-test-app',
};

const BASE: SlackSimulatorOptions = {
  ...TOKENS,
  people: [
    { id: ADA, name: 'ada', realName: 'Ada L', email: 'ada@example.com' },
    { id: BEN, name: 'ben', realName: 'Ben K' },
  ],
  channels: [
    { id: DEPLOYS, name: 'deploys' },
    { id: 'C0ELSEWHE1', name: 'elsewhere', botIsMember: false },
    { id: 'C0OLD00001', name: 'old', isArchived: true },
    { id: 'C0SECRET01', name: 'secret', isPrivate: true, botIsMember: false },
  ],
  userGroups: [{ id: 'S0RELEASE1', handle: 'releasers', name: 'Releasers', users: [ADA] }],
  delivery: { kind: 'socket' },
};

/** A simulator that ends with the test. */
export async function startRig(options: Partial<SlackSimulatorOptions> = {}): Promise<SlackSimulator> {
  const simulator = await startSlackSimulator({ ...BASE, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** A client of the Web API that never tries again. */
export function clientOf(simulator: SlackSimulator, token = TOKENS.botToken): WebClient {
  return new WebClient(token, {
    slackApiUrl: simulator.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 5000,
    logger: silent,
  });
}

/** A real Bolt app that listens to the simulator, by signed HTTP or over Socket Mode. */
export async function startBolt(
  simulator: SlackSimulator,
  mode: 'http' | 'socket',
  listen: (app: App) => void,
): Promise<App<Receiver>> {
  const app = new App({
    token: TOKENS.botToken,
    logger: silent,
    clientOptions: { slackApiUrl: simulator.apiUrl, retryConfig: { retries: 0 } },
    ...(mode === 'socket'
      ? { receiver: socketReceiver(simulator) }
      : { signingSecret: TOKENS.signingSecret }),
  });
  listen(app);
  const started: unknown = await (mode === 'socket'
    ? app.start()
    : app.start({ port: 0, host: '127.0.0.1' }));
  onTestFinished(async () => {
    await app.stop();
  });
  if (mode === 'http')
    simulator.setDelivery({ kind: 'http', url: `http://127.0.0.1:${portOf(started)}/slack/events` });
  else simulator.setDelivery({ kind: 'socket' });
  return app;
}

/** Bolt's own receiver; it waits for its ping timeout before it connects again, so that is short here. */
function socketReceiver(simulator: SlackSimulator): SocketModeReceiver {
  return new SocketModeReceiver({
    appToken: TOKENS.appToken,
    logger: silent,
    clientPingTimeout: 300,
    installerOptions: { clientOptions: { slackApiUrl: simulator.apiUrl } },
  });
}

/** Waits until something is so; fails after five seconds with its name. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`Waited five seconds in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The error name that a call is refused with; throws when it is not refused. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error && 'data' in error) {
      const { data } = error;
      if (typeof data === 'object' && data !== null && 'error' in data) return String(data.error);
    }
    throw error;
  }
  throw new Error('The call was not refused.');
}

function portOf(server: unknown): number {
  if (
    typeof server === 'object' &&
    server !== null &&
    'address' in server &&
    typeof server.address === 'function'
  ) {
    const address: unknown = server.address();
    if (typeof address === 'object' && address !== null && 'port' in address) return Number(address.port);
  }
  throw new Error('Bolt gave no server that tells its port.');
}

const silent = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};
