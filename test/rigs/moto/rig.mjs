import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startServer, stopServer } from '../machine.mjs';
import { python } from './python.mjs';

/** moto: AWS's HTTP interfaces on this machine, from Python's package index when the machine does not have it. */
let folder;
let server;

export const rig = {
  name: 'moto',
  async start() {
    folder = mkdtempSync(join(tmpdir(), 'bakery-moto-'));
    const port = await freePort();
    server = await startServer(
      python(folder),
      ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
      port,
    );
    return {
      env: {
        AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'testing',
        AWS_SECRET_ACCESS_KEY: 'testing',
      },
    };
  },
  async stop() {
    await stopServer(server, 'SIGTERM');
    if (folder) rmSync(folder, { recursive: true, force: true });
  },
};
