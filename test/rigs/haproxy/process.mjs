import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findBinary, installed, stopServer } from '../machine.mjs';

/** One line to a socket of HAProxy's, and its answer. */
export const ask = (path, line) =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(path, () => socket.end(`${line}\n`));
    socket.on('data', (text) => {
      answer += text;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });

/**
 * Starts HAProxy with `haproxy.cfg` of a folder, as master and worker, with the sockets `admin.sock` and `master.sock`
 * in it; resolves when it answers. Installs Debian's when there is none.
 */
export async function startHaproxy(folder) {
  const binary = installed('haproxy', () => findBinary(['haproxy']));
  const master = join(folder, 'master.sock');
  const child = spawn(binary, ['-W', '-S', master, '-f', join(folder, 'haproxy.cfg')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (text) => {
    output = (output + text).slice(-4_000);
  });
  const deadline = Date.now() + 10_000;
  while (!(await ask(join(folder, 'admin.sock'), 'show info').catch(() => ''))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`HAProxy does not start:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const workers = async () =>
    [...(await ask(master, 'show proc')).matchAll(/^(\d+)\s+worker/gm)].map(([, pid]) => Number(pid));
  return {
    /** As `systemctl stop` does. */
    stop: () => stopServer(child, 'SIGTERM'),
    /** Ends master and workers as a crash does, with nothing saved. */
    async kill() {
      const pids = await workers();
      await stopServer(child, 'SIGKILL');
      for (const pid of pids) process.kill(pid, 'SIGKILL');
    },
    /** As `systemctl reload` does; over when a new worker has taken over. */
    async reload() {
      const [before] = await workers();
      child.kill('SIGUSR2');
      const limit = Date.now() + 10_000;
      while (Date.now() < limit) {
        const [now] = await workers().catch(() => []);
        if (now !== undefined && now !== before) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`HAProxy did not reload:\n${output}`);
    },
  };
}
