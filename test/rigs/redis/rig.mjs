import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinary, freePort, installed, startServer, stopServer } from '../machine.mjs';

/** A Redis of our own, with its data on disk so that it survives a restart. */
let directory;
let port;
let server;

const run = async () => {
  const binary = installed('redis-server', () => findBinary(['redis-server']));
  const args = [
    '--port',
    port,
    '--bind',
    '127.0.0.1',
    '--dir',
    directory,
    '--appendonly',
    'yes',
    '--save',
    '',
  ];
  server = await startServer(binary, args.map(String), port);
};

export const rig = {
  name: 'redis',
  async start() {
    directory = mkdtempSync(join(tmpdir(), 'bakery-redis-'));
    port = await freePort();
    await run();
    return { env: { BAKERY_TEST_REDIS_URL: `redis://127.0.0.1:${port}` } };
  },
  async stop() {
    await stopServer(server, 'SIGTERM');
    if (directory) rmSync(directory, { recursive: true, force: true });
  },
  /** Takes the server away, keeping its data, and brings it back at the same address. */
  halt: () => stopServer(server, 'SIGTERM'),
  resume: run,
};
