import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from '../ops/folder.ts';

/** Ports and tokens of one demo, kept with its data so that a second start finds all as it was. */
export interface Kept {
  ports: { slack: number; http: number; simulator: number; dev: number; staging: number; production: number };
  secrets: { signing: string; webhook: string; bot: string; app: string; logToken: string };
}

/** Where a demo keeps what. */
export interface Place extends Kept {
  root: string;
  config: string;
  data: string;
  origin: string;
  work: string;
  simulatorState: string;
  botLog: string;
}

/** Where its service is deployed, in this order. */
export const environments = ['dev', 'staging', 'production'] as const;

export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

/** The demo's place under `root`: as it was left, or made anew. */
export async function placeAt(root: string): Promise<Place> {
  makeFolder(root);
  const file = join(root, 'demo.json');
  const kept: Kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : await makeKept();
  writeFileSync(file, JSON.stringify(kept, undefined, 2), { mode: 0o600 });
  return {
    ...kept,
    root,
    config: join(root, 'config'),
    data: join(root, 'data'),
    origin: join(root, 'origin', 'hello.git'),
    work: join(root, 'hello'),
    simulatorState: join(root, 'slack.json'),
    botLog: join(root, 'bot.log'),
  };
}

async function makeKept(): Promise<Kept> {
  const [slack = 0, http = 0, simulator = 0, dev = 0, staging = 0, production = 0] = await freePorts(6);
  const secret = () => randomBytes(24).toString('hex');
  return {
    ports: { slack, http, simulator, dev, staging, production },
    secrets: {
      signing: secret(),
      webhook: secret(),
      bot: `xoxb-demo-${secret()}`,
      app: `xapp-demo-${secret()}`,
      logToken: secret(),
    },
  };
}

/** Free ports of this machine, all held while they are looked for so that no two are the same. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.on('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
