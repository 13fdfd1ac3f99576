import type { SocketModeReceiver } from '@slack/bolt';
import type { Log } from './log.ts';
import { backoff } from './messenger/budget.ts';
import { troubleOf } from './slack-error.ts';

export interface Socket {
  connected(): boolean;
  stop(): Promise<void>;
}

/**
 * Keeps the socket connected. The SDK's own reconnecting is off: a reconnect that Slack refuses rejects a promise there
 * that nobody holds, which would end the process. A half-open socket is closed by the SDK's pings.
 */
export function keepConnected(receiver: SocketModeReceiver, log: Log): Socket {
  const { client } = receiver;
  const stopping = new AbortController();
  let connected = false;

  async function run(): Promise<void> {
    for (let tries = 0; !stopping.signal.aborted; tries += 1) {
      try {
        await receiver.start();
        connected = true;
        tries = -1;
        log.info({}, 'connected to slack over its socket');
        await new Promise((resolve) => client.once('disconnected', resolve));
        log.info({}, 'the slack socket was closed');
      } catch (error) {
        log.warn({ trouble: troubleOf(error) }, 'the slack socket cannot be opened');
      }
      connected = false;
      await pause(tries < 0 ? 100 : backoff(tries), stopping.signal);
    }
  }

  const running = run();
  return {
    connected: () => connected && client.websocket?.isActive() === true,
    async stop() {
      stopping.abort();
      await client.disconnect().catch(() => {});
      await running;
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
