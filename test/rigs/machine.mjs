import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';

/** What the rigs ask of the machine: packages, binaries, ports, processes. */

const isRoot = process.getuid?.() === 0;

/** The full path of a binary, from PATH and the extra folders, or undefined. */
export function findBinary(names, folders = []) {
  const all = [...folders, ...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const name of names) {
    const folder = all.find((one) => existsSync(join(one, name)));
    if (folder) return join(folder, name);
  }
  return undefined;
}

/** The newest of Debian's folders for PostgreSQL's server binaries. */
export function postgresFolders() {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return [];
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(root, version, 'bin'));
}

/** What `find` finds; installs the Debian package first when it finds nothing. Throws when even then there is nothing. */
export function installed(debianPackage, find) {
  const there = find();
  if (there) return there;
  if (!isRoot)
    throw new Error(
      `${debianPackage} is not installed. Install it (apt-get install ${debianPackage}) or run the rigs as root.`,
    );
  const apt = (...args) =>
    execFileSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  process.stdout.write(`  installing ${debianPackage}\n`);
  apt('update', '-q');
  apt('install', '-q', '-y', '--no-install-recommends', debianPackage);
  const now = find();
  if (!now) throw new Error(`${debianPackage} was installed, but its program was not found.`);
  return now;
}

/** The ids of a system user that servers which refuse root run as; nothing when we are not root. */
export function asUser(name) {
  if (!isRoot) return {};
  const id = (flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** A port of the loopback address that nobody has at the moment. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts a server and waits until its port answers. Throws with the last of its output when it ends before. */
export async function startServer(binary, args, port, options = {}) {
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  const keep = (data) => {
    output = (output + data).slice(-4_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', keep);
  const deadline = Date.now() + 30_000;
  while (!(await answers(port))) {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${binary} does not answer on port ${port}:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return child;
}

/** Ends a process that we started and waits until it is gone; with -9 when it takes longer than 20 s. */
export async function stopServer(child, signal) {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await gone;
  clearTimeout(timer);
}

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true) || socket.destroy());
    socket.once('error', () => resolve(false));
  });
