import { execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imported } from './base-image.mjs';

/** An engine whose disk has 64 MB, and one image of busybox, `small:rig`. Gives its URL and how to end it. */
export async function startSmallEngine(directory, busybox) {
  const own = join(directory, 'small');
  const disk = join(own, 'disk');
  mkdirSync(disk, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk]);
  const url = `unix://${join(own, 'docker.sock')}`;
  const args = ['--data-root', disk, '--exec-root', join(own, 'exec'), '-H', url, '-p', join(own, 'pid')];
  const engine = spawn('dockerd', [...args, '--bridge=none'], { stdio: 'ignore', detached: true });
  engine.unref();
  const docker = (...words) =>
    execFileSync('docker', ['-H', url, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const deadline = Date.now() + 60_000;
  while (!answers(docker)) {
    if (engine.exitCode !== null || Date.now() > deadline)
      throw new Error('The small dockerd does not answer.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await smallImage(busybox, ['-H', url]);
  return {
    url,
    async stop() {
      const listed = (...words) =>
        docker(...words)
          .toString()
          .split('\n')
          .filter(Boolean);
      const left = listed('ps', '--all', '--quiet');
      if (left.length > 0) docker('rm', '--force', '--volumes', ...left);
      // A network's bridge outlives its engine.
      const networks = listed('network', 'ls', '--quiet', '--filter', 'type=custom');
      if (networks.length > 0) docker('network', 'rm', ...networks);
      const pid = existsSync(join(own, 'pid')) ? Number(readFileSync(join(own, 'pid'), 'utf8')) : undefined;
      if (pid !== undefined) process.kill(pid, 'SIGTERM');
      while (pid !== undefined && existsSync(`/proc/${pid}`))
        await new Promise((resolve) => setTimeout(resolve, 50));
    },
  };
}

function answers(docker) {
  try {
    docker('version');
    return true;
  } catch {
    return false;
  }
}

async function smallImage(busybox, client) {
  const root = mkdtempSync(join(tmpdir(), 'bakery-small-'));
  try {
    for (const folder of ['bin', 'tmp', 'www']) mkdirSync(join(root, folder));
    copyFileSync(busybox, join(root, 'bin/busybox'));
    for (const name of ['sh', 'httpd', 'true', 'sleep', 'cat'])
      symlinkSync('busybox', join(root, 'bin', name));
    writeFileSync(join(root, 'www/index.html'), 'serves\n');
    await imported(root, 'small:rig', client);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
