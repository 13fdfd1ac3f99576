import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinary, freePort, installed, stopServer } from '../machine.mjs';

/** A HAProxy of our own with Bakery's ready configuration: master and worker on loopback, state in a folder. */
const slotCount = 60;
let directory;
let at;
let server;
let output = '';

const run = async () => {
  const binary = installed('haproxy', () => findBinary(['haproxy']));
  const child = spawn(binary, ['-W', '-S', at.master, '-f', join(directory, 'haproxy.cfg')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  server = child;
  child.stderr.on('data', (text) => {
    output = (output + text).slice(-4_000);
  });
  const deadline = Date.now() + 10_000;
  while (!(await ask(at.socket, 'show info').catch(() => ''))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`HAProxy does not start:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const ask = (path, line) =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(path, () => socket.end(`${line}\n`));
    socket.on('data', (text) => {
      answer += text;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });

const workers = async () =>
  [...(await ask(at.master, 'show proc')).matchAll(/^(\d+)\s+worker/gm)].map(([, pid]) => Number(pid));

export const rig = {
  name: 'haproxy',
  async start() {
    // The product's own ready configuration, so that it is what is tested.
    const { haproxyConfiguration } = await import('../../../dist/balancers/haproxy/configuration.js');
    directory = mkdtempSync(join(tmpdir(), 'bakery-haproxy-'));
    const stateDir = join(directory, 'state');
    mkdirSync(stateDir);
    const slots = [];
    while (slots.length < slotCount)
      slots.push({ slot: `slot${slots.length}.production`, port: await freePort(), places: 8 });
    for (const { slot } of slots) writeFileSync(join(stateDir, `bakery.${slot}.paths`), '');
    at = { socket: join(directory, 'admin.sock'), master: join(directory, 'master.sock'), stateDir };
    const text = haproxyConfiguration({ ...at, host: '127.0.0.1', slots });
    writeFileSync(join(directory, 'haproxy.cfg'), text);
    await run();
    return {
      env: { BAKERY_TEST_HAPROXY: JSON.stringify({ ...at, slots, config: join(directory, 'haproxy.cfg') }) },
    };
  },
  async stop() {
    await stopServer(server, 'SIGTERM');
    if (directory) rmSync(directory, { recursive: true, force: true });
  },
  /** Ends master and workers as a crash does, with nothing saved; and starts it again. */
  async halt() {
    const pids = await workers();
    await stopServer(server, 'SIGKILL');
    for (const pid of pids) process.kill(pid, 'SIGKILL');
  },
  resume: run,
  /** As `systemctl reload haproxy` does; over when a new worker has taken over. */
  async reload() {
    const [before] = await workers();
    server.kill('SIGUSR2');
    const deadline = Date.now() + 10_000;
    while (Date.now() < deadline) {
      const [now] = await workers().catch(() => []);
      if (now !== undefined && now !== before) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`HAProxy did not reload:\n${output}`);
  },
};
