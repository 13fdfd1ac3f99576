import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startServer, stopServer } from '../machine.mjs';

/** moto: AWS's HTTP interfaces on this machine, from Python's package index when the machine does not have it. */
let folder;
let server;

function python() {
  if (spawnSync('python3', ['-c', 'import moto.server']).status === 0) return 'python3';
  const venv = join(folder, 'venv');
  for (const [program, args] of [
    ['python3', ['-m', 'venv', venv]],
    [join(venv, 'bin', 'pip'), ['install', '--quiet', 'moto[server]==5.2.1']],
  ]) {
    const { status } = spawnSync(program, args, { stdio: 'inherit' });
    if (status !== 0)
      throw new Error(`moto cannot be installed: ${program} ${args.join(' ')} ended with ${status}`);
  }
  const made = join(venv, 'bin', 'python3');
  if (!existsSync(made)) throw new Error('moto cannot be installed: the virtual environment has no python3');
  return made;
}

export const rig = {
  name: 'moto',
  async start() {
    folder = mkdtempSync(join(tmpdir(), 'bakery-moto-'));
    const port = await freePort();
    server = await startServer(python(), ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], port);
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
