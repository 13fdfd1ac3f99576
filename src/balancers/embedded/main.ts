import { chmod, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import type { Server } from 'node:http';
import { dirname } from 'node:path';
import { ask, NobodyThere } from './control-client.ts';
import { controlServer } from './control-server.ts';
import { fileLog, type Log } from './log.ts';
import { type Paths, pathsIn } from './paths.ts';
import { Slots } from './slots.ts';

/** Milliseconds that requests in flight get when the balancer is told to end. */
const grace = 5000;

const [dataDir, socket, host, every] = process.argv.slice(2);
if (dataDir === undefined || socket === undefined || host === undefined || every === undefined)
  throw new Error('usage: main.js <data directory> <control socket> <host> <milliseconds between checks>');
await main({ ...pathsIn(dataDir), socket }, host, Number(every));

async function main(paths: Paths, host: string, every: number): Promise<void> {
  process.umask(0o077);
  // The adapter made the folder. When it is gone, so is the installation, and nothing is made anew.
  await ownFolder(paths.folder);
  await mkdir(dirname(paths.socket), { recursive: true, mode: 0o700 });
  await ownFolder(dirname(paths.socket));
  const log = fileLog(paths.log);
  if (!(await takeStart(paths))) return;
  try {
    if (await lives(paths)) return;
    await rm(paths.socket, { force: true });
    await serve(paths, { host, every, log });
  } catch (error) {
    log('the balancer could not start', { because: String(error) });
    process.exitCode = 1;
  } finally {
    await rm(paths.starting, { force: true });
  }
}

async function serve(paths: Paths, options: { host: string; every: number; log: Log }): Promise<void> {
  const { host, every, log } = options;
  const slots = new Slots(paths.state, { host, health: { every, limit: Math.max(1000, every * 2) }, log });
  await slots.load();
  const control = controlServer(slots, () => void stop('it was asked to'));
  await listen(control, paths.socket);
  log('the balancer serves', { host, socket: paths.socket });
  await chmod(paths.socket, 0o600);
  const { ino } = await stat(paths.socket);
  const guard = setInterval(async () => {
    if (!(await stillOurs(paths, ino))) await stop('its socket is gone');
  }, 1000);

  let stopping = false;
  async function stop(because: string): Promise<void> {
    if (stopping) return;
    stopping = true;
    clearInterval(guard);
    log('the balancer ends', { because });
    setTimeout(() => process.exit(0), grace);
    // Closing removes the socket: the next balancer can start while requests in flight end here.
    if (await stillOurs(paths, ino)) control.close();
    await slots.close();
    process.exit(0);
  }
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  process.on('SIGHUP', () => undefined);
  // Serving goes on whatever one request did; the log says what it was.
  process.on('uncaughtException', (error) => log('an error nobody caught', { because: error.stack }));
  process.on('unhandledRejection', (error) => log('a promise nobody caught', { because: String(error) }));
}

/** Whether the socket is still the one that this process made: a second balancer, or a removed directory, ends it. */
async function stillOurs(paths: Paths, ino: number): Promise<boolean> {
  try {
    return (await stat(paths.socket)).ino === ino && (await stat(paths.folder)).isDirectory();
  } catch {
    return false;
  }
}

async function lives(paths: Paths): Promise<boolean> {
  try {
    await ask(paths.socket, 'hello', {}, 2000);
    return true;
  } catch (error) {
    if (error instanceof NobodyThere) return false;
    // It holds the socket but does not answer: frozen, not gone.
    return true;
  }
}

/** Only one process at a time looks for a living balancer and replaces a dead one's socket. */
async function takeStart(paths: Paths): Promise<boolean> {
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      const handle = await open(paths.starting, 'wx', 0o600);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return true;
    } catch {
      if (alive(Number(await readFile(paths.starting, 'utf8').catch(() => '0')))) return false;
      await rm(paths.starting, { force: true });
    }
  }
  return false;
}

function alive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A folder in the temporary directory that somebody else made first is not to be trusted. */
async function ownFolder(folder: string): Promise<void> {
  const { uid, mode } = await stat(folder);
  if (process.getuid && uid !== process.getuid())
    throw new Error(`${folder} belongs to another user, so no socket is made in it.`);
  if ((mode & 0o077) !== 0) throw new Error(`${folder} is open to others, so no socket is made in it.`);
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}
