import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  asUser,
  findBinary,
  freePort,
  installed,
  postgresFolders,
  startServer,
  stopServer,
} from '../machine.mjs';

/** A PostgreSQL of our own. It refuses to run as root, so it runs as the user that Debian's package makes. */
let directory;
let port;
let server;

const binary = (name) => installed('postgresql', () => findBinary([name], postgresFolders()));

const run = async () => {
  const args = [
    '-D',
    join(directory, 'data'),
    '-p',
    port,
    '-h',
    '127.0.0.1',
    '-k',
    directory,
    '-c',
    'fsync=off',
  ];
  server = await startServer(binary('postgres'), args.map(String), port, {
    ...asUser('postgres'),
    cwd: directory,
  });
};

export const rig = {
  name: 'postgres',
  async start() {
    const initdb = binary('initdb');
    const user = asUser('postgres');
    directory = mkdtempSync(join(tmpdir(), 'bakery-postgres-'));
    if (user.uid !== undefined) chownSync(directory, user.uid, user.gid);
    const args = ['-D', join(directory, 'data'), '-U', 'bakery', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
    execFileSync(initdb, args, { ...user, cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
    port = await freePort();
    await run();
    return { env: { BAKERY_TEST_POSTGRES_URL: `postgres://bakery@127.0.0.1:${port}/postgres` } };
  },
  async stop() {
    await stopServer(server, 'SIGINT'); // "fast": ends its sessions
    if (directory) rmSync(directory, { recursive: true, force: true });
  },
  /** Takes the server away, keeping its data, and brings it back at the same address. */
  halt: () => stopServer(server, 'SIGINT'),
  resume: run,
};
