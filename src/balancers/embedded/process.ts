import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { childEntry } from '../../child-entry.ts';
import { ProviderError } from '../../pipeline/provider.ts';
import { ask, NobodyThere } from './control-client.ts';
import type { Paths } from './paths.ts';

export interface ProcessOptions {
  dataDir: string;
  host: string;
  checkEvery: number;
}

/** Milliseconds for a balancer to start, and to end after it was asked to. */
const startLimit = 10_000;
const stopLimit = 8000;

/** The process id of the balancer that lives on this data directory, or undefined. Throws `unreachable`. */
export async function findBalancer(paths: Paths): Promise<number | undefined> {
  try {
    const hello = await ask(paths.socket, 'hello', {}, 2000);
    return typeof hello === 'object' && hello !== null && 'pid' in hello ? Number(hello.pid) : undefined;
  } catch (error) {
    if (error instanceof NobodyThere) return undefined;
    throw error;
  }
}

/** Starts one when none lives, detached, so that it outlives this process. Throws `unreachable`. */
export async function ensureBalancer(paths: Paths, options: ProcessOptions): Promise<void> {
  if ((await findBalancer(paths)) !== undefined) return;
  mkdirSync(paths.folder, { recursive: true, mode: 0o700 });
  const deadline = performance.now() + startLimit;
  let child = start(paths, options);
  let living = await findBalancer(paths);
  while (living === undefined) {
    if (performance.now() > deadline)
      throw new ProviderError(
        'unreachable',
        `The balancer did not start within ${startLimit / 1000} s. Traffic is as it was. Its log is ${paths.log}.`,
      );
    await pause(20);
    // Another one was starting or ending at this moment, and this one stepped aside.
    if (child.exitCode !== null) {
      await pause(200);
      child = start(paths, options);
    }
    living = await findBalancer(paths);
  }
  // Somebody else's came first. Ours would step aside, but if it were slow it could outlive a `stop` that comes now.
  if (living !== child.pid) child.kill('SIGTERM');
}

/** Ends it: it takes no new connection and lets requests in flight end for a few seconds. */
export async function stopBalancer(paths: Paths): Promise<void> {
  const pid = await findBalancer(paths);
  if (pid === undefined) return;
  await ask(paths.socket, 'stop', {}, 2000).catch((error: unknown) => {
    if (!(error instanceof NobodyThere)) throw error;
  });
  const deadline = performance.now() + stopLimit;
  while (runs(pid)) {
    if (performance.now() > deadline)
      throw new ProviderError('timeout', `The balancer (process ${pid}) did not end. End it by hand.`);
    await pause(20);
  }
}

/** The command of a balancer's process. Small heaps: it holds connections, not data. */
export function startCommand(paths: Paths, { dataDir, host, checkEvery }: ProcessOptions): string[] {
  const entry = childEntry(import.meta.url, './main.js');
  const flags = ['--max-semi-space-size=1', '--max-old-space-size=256', '--optimize-for-size'];
  return [process.execPath, ...flags, entry, dataDir, paths.socket, host, String(checkEvery)];
}

/** Nothing of this process's environment goes along. */
function start(paths: Paths, options: ProcessOptions): ReturnType<typeof spawn> {
  const [program = '', ...rest] = startCommand(paths, options);
  const child = spawn(program, rest, { cwd: paths.folder, detached: true, stdio: 'ignore', env: {} });
  child.on('error', () => undefined);
  child.unref();
  return child;
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
