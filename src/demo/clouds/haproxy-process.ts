import { spawn } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { haproxyConfiguration, placesFor } from '../../balancers/haproxy/configuration.ts';
import { pathsFile } from '../../balancers/haproxy/haproxy.ts';
import { askHaproxy } from '../../balancers/haproxy/runtime-socket.ts';
import { environments, type Place } from '../place.ts';
import { CannotBegin } from './cloud.ts';

const host = '127.0.0.1';
const patience = 10_000;

const filesOf = ({ data }: Place) => {
  const folder = join(data, 'haproxy');
  const at = (name: string): string => join(folder, name);
  return {
    folder,
    stateDir: at('state'),
    socket: at('admin.sock'),
    master: at('master.sock'),
    configuration: at('haproxy.cfg'),
    log: at('haproxy.log'),
  };
};

/** How bot.yaml names it. */
export function haproxyEntry(place: Place): unknown {
  const { socket, master, stateDir } = filesOf(place);
  return { kind: 'haproxy', socket, master, stateDir, host };
}

/**
 * Starts a HAProxy with Bakery's ready configuration, as a process that outlives this one until {@link endHaproxy};
 * one that runs already is taken as it is.
 */
export async function startHaproxy(place: Place): Promise<void> {
  const files = filesOf(place);
  if ((await masterOf(files.master)) !== undefined) return;
  const binary = findHaproxy();
  mkdirSync(files.stateDir, { recursive: true });
  const slots = environments.map((name) => ({
    slot: `hello.${name}`,
    port: place.ports[name],
    places: placesFor(1),
  }));
  for (const { slot } of slots)
    if (!existsSync(pathsFile(files.stateDir, slot))) writeFileSync(pathsFile(files.stateDir, slot), '');
  writeFileSync(files.configuration, haproxyConfiguration({ ...files, host, slots }));
  const log = openSync(files.log, 'w');
  const child = spawn(binary, ['-W', '-S', files.master, '-f', files.configuration], {
    stdio: ['ignore', 'ignore', log],
    detached: true,
  });
  closeSync(log);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  child.unref();
  const deadline = Date.now() + patience;
  while (!(await answers(files.socket))) {
    if (ended || Date.now() > deadline)
      throw new CannotBegin(`HAProxy does not start: ${readFileSync(files.log, 'utf8').trim().slice(-1000)}`);
    await pause(50);
  }
}

/** SIGTERM to the master that answers at its socket, and waits until nobody answers there. */
export async function endHaproxy(place: Place): Promise<void> {
  const { master } = filesOf(place);
  const pid = await masterOf(master);
  if (pid === undefined) return;
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + patience;
  while ((await masterOf(master)) !== undefined) {
    if (Date.now() > deadline) throw new Error(`HAProxy, process ${pid}, does not end.`);
    await pause(50);
  }
}

/** The process id of the master at a socket; undefined when none answers. */
async function masterOf(socket: string): Promise<number | undefined> {
  const text = await askHaproxy(socket, 'show proc', 1_000).catch(() => '');
  const pid = /^(?<pid>\d+)\s+master\s/m.exec(text)?.groups?.['pid'];
  return pid === undefined ? undefined : Number(pid);
}

const answers = async (socket: string): Promise<boolean> =>
  (await askHaproxy(socket, 'show info', 1_000).catch(() => '')) !== '';

/** On PATH, or where Debian has it, which is not on everybody's PATH. */
function findHaproxy(): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const found = folders.map((folder) => join(folder, 'haproxy')).find(isProgram);
  if (found !== undefined) return found;
  throw new CannotBegin(
    "There is no haproxy on this machine. Install it (Debian: apt-get install haproxy); the demo starts one of its own and leaves the system's alone.",
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
