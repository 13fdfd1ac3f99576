import type { AddressInfo } from 'node:net';
import { type CustomRoute, HTTPReceiver, SocketModeReceiver } from '@slack/bolt';
import type { At } from '../pipeline/domain/time.ts';
import { connect } from './connect.ts';
import { boltLogger, type Log } from './log.ts';
import { guardRequests, type SignedDoor } from './request-guard.ts';
import { withSlash } from './slack-clients.ts';
import { keepConnected, type Socket } from './socket.ts';
import type { SlackSettings, Space } from './space.ts';

/** The path of Slack's requests: commands, clicks and events. */
export const slackPath = '/slack/events';

/** Longer than proxies keep a connection (most: 60 s): one that is closed just as it is used again loses a click. */
const keepAliveTimeout = 75_000;

interface Parts {
  now: () => At;
  log: Log;
  /** True the first time that a request is seen, by any bot of this ledger; remembered over a restart. */
  firstTime?: ((id: string) => Promise<boolean>) | undefined;
  /** More paths on the bot's own server. */
  extraRoutes?: CustomRoute[] | undefined;
}

export interface HttpDoors {
  address: { host: string; port: number };
  stop(): Promise<void>;
}

/** One server for all workspaces whose requests come over HTTP; one door for each app, told by what it signs with. */
export async function openHttp(spaces: readonly [Space, ...Space[]], parts: Parts): Promise<HttpDoors> {
  const { now, log, firstTime } = parts;
  const apps = [...byApp(spaces, ({ signingSecret }) => signingSecret)].map(([secret, inApp]) => {
    const receiver = new HTTPReceiver({
      signingSecret: secret,
      endpoints: slackPath,
      customRoutes: parts.extraRoutes ?? [],
      logger: boltLogger(log, 'receiver'),
      bodyLimit: 1024 * 1024,
    });
    connect({ spaces: inApp, receiver, now, log, firstTime });
    return { secret, receiver, listener: receiver.requestListener };
  });
  const [first, ...others] = apps;
  // There is a workspace, so there is an app.
  if (first === undefined) throw new Error('no workspace is served over HTTP');
  const doors: [SignedDoor, ...SignedDoor[]] = [first, ...others];
  first.receiver.requestListener = guardRequests({ doors, path: slackPath, now, log, firstTime });
  const { host = '127.0.0.1', port = 0 } = spaces[0].settings;
  const server = await first.receiver.start({ port, host }, { keepAliveTimeout });
  // A TCP server's address is never a string.
  const bound = server.address() as AddressInfo;
  return {
    address: { host: bound.address, port: bound.port },
    async stop() {
      const closed = first.receiver.stop();
      server.closeIdleConnections();
      await closed;
    },
  };
}

/** One socket for each app; several workspaces of one app share it. */
export function openSockets(spaces: readonly Space[], { now, log, firstTime }: Parts): Map<Space, Socket> {
  const sockets = new Map<Space, Socket>();
  for (const [appToken, inApp] of byApp(spaces, ({ appToken = '' }) => appToken)) {
    const apiUrl = inApp[0]?.settings.apiUrl;
    const receiver = new SocketModeReceiver({
      appToken,
      autoReconnectEnabled: false,
      logger: boltLogger(log, 'socket'),
      installerOptions: {
        clientOptions: {
          timeout: 10_000,
          retryConfig: { retries: 0 },
          ...(apiUrl === undefined ? {} : { slackApiUrl: withSlash(apiUrl) }),
        },
      },
    });
    connect({ spaces: inApp, receiver, now, log, firstTime });
    const socket = keepConnected(receiver, inApp[0]?.bot.log ?? log);
    for (const space of inApp) sockets.set(space, socket);
  }
  return sockets;
}

/** Workspaces of one app have its secret in common. */
function byApp(
  spaces: readonly Space[],
  secretOf: (settings: SlackSettings) => string,
): Map<string, Space[]> {
  const apps = new Map<string, Space[]>();
  for (const space of spaces) {
    const secret = secretOf(space.settings);
    apps.set(secret, [...(apps.get(secret) ?? []), space]);
  }
  return apps;
}
