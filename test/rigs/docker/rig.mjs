import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinary, freePort, installed, startServer, stopServer } from '../machine.mjs';
import { forwarding, setForwarding } from '../machines/forwarding.mjs';
import { nodeImage } from './base-image.mjs';
import { certificates } from './certificates.mjs';
import { startSmallEngine } from './small-engine.mjs';
import { startSshDoor } from './ssh-door.mjs';

/**
 * A Docker engine of our own, with folders, socket and pid of its own, and a registry beside it. Ports are published
 * on an address of the loopback interface outside of 127.0.0.0/8: traffic to it goes by the kernel, as to a host's own
 * address, and not through the engine's proxy process, which ends with the engine.
 */
let directory;
let address;
let registry;
let small;
let door;
let tlsPort;
/** Of the machine, before the engine. */
let forwards;
const socket = () => join(directory, 'docker.sock');
const client = () => ['-H', `unix://${socket()}`];
const docker = (...args) =>
  execFileSync('docker', [...client(), ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

async function startEngine() {
  const folder = (name) => join(directory, name);
  const args = ['--data-root', folder('data'), '--exec-root', folder('exec'), '-H', `unix://${socket()}`];
  args.push('-p', folder('pid'), '--live-restore', '--bridge=none');
  const file = (name) => join(folder('tls'), name);
  args.push('-H', `tcp://127.0.0.1:${tlsPort}`, '--tlsverify', '--tlscacert', file('ca.pem'));
  args.push('--tlscert', file('server.pem'), '--tlskey', file('server-key.pem'));
  const engine = spawn('dockerd', args, { stdio: ['ignore', 'ignore', 'ignore'], detached: true });
  engine.unref();
  const deadline = Date.now() + 60_000;
  while (!answers()) {
    if (engine.exitCode !== null || Date.now() > deadline)
      throw new Error('dockerd does not answer. It needs root, and a kernel with overlay and bridges.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function answers() {
  try {
    docker('version');
    return true;
  } catch {
    return false;
  }
}

/** An address that only this machine reaches, of a number that no other rig has. */
function takeAddress() {
  const part = () => 1 + Math.floor(Math.random() * 250);
  address = `10.222.${part()}.${part()}`;
  execFileSync('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
}

/** The containers go on: the engine runs with live-restore. */
async function stopEngine() {
  const file = join(directory, 'pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8'));
  process.kill(pid, 'SIGTERM');
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function startRegistry() {
  const binary = installed('docker-registry', () => findBinary(['docker-registry']));
  const port = await freePort();
  const file = join(directory, 'registry.yml');
  const root = join(directory, 'registry');
  mkdirSync(root);
  writeFileSync(
    file,
    `version: 0.1\nlog: { level: error }\nstorage: { filesystem: { rootdirectory: ${root} }, delete: { enabled: true } }\nhttp: { addr: "127.0.0.1:${port}" }\n`,
  );
  const run = async () => {
    registry = await startServer(binary, ['serve', file], port);
  };
  await run();
  return port;
}

function endContainers() {
  const ids = docker('ps', '--all', '--quiet').split('\n').filter(Boolean);
  if (ids.length > 0) docker('rm', '--force', '--volumes', ...ids);
  for (const id of docker('network', 'ls', '--quiet', '--filter', 'type=custom').split('\n').filter(Boolean))
    docker('network', 'rm', id);
}

/** An engine mounts its folders over themselves and, with live-restore, leaves them so. */
function releaseMounts() {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[1] ?? []);
  for (const mount of mounts.filter((one) => one.startsWith(`${directory}/`)).reverse())
    execFileSync('umount', ['--lazy', mount]);
}

export const rig = {
  name: 'docker',
  async start() {
    installed('docker.io', () => findBinary(['dockerd']));
    // The demo's balancer.
    installed('haproxy', () => findBinary(['haproxy']));
    const busybox = installed('busybox-static', () => findBinary(['busybox']));
    directory = mkdtempSync(join(tmpdir(), 'bakery-docker-'));
    forwards = forwarding();
    takeAddress();
    tlsPort = await freePort();
    mkdirSync(join(directory, 'tls'));
    certificates(join(directory, 'tls'));
    await startEngine();
    await nodeImage(busybox, client());
    const port = await startRegistry();
    small = await startSmallEngine(directory, busybox);
    door = await startSshDoor(directory, `unix://${socket()}`);
    return {
      env: {
        BAKERY_TEST_DOCKER_URL: `unix://${socket()}`,
        BAKERY_TEST_DOCKER_ADDRESS: address,
        BAKERY_TEST_DOCKER_REGISTRY: `127.0.0.1:${port}`,
        BAKERY_TEST_DOCKER_BASE: 'node:rig',
        BAKERY_TEST_DOCKER_TLS_URL: `tcp://127.0.0.1:${tlsPort}`,
        BAKERY_TEST_DOCKER_TLS: join(directory, 'tls'),
        BAKERY_TEST_DOCKER_SMALL_URL: small.url,
        BAKERY_TEST_DOCKER_SSH_URL: door.url,
        BAKERY_TEST_DOCKER_SSH_PATH: door.path,
        BAKERY_TEST_DOCKER_SSH_STRANGER: door.stranger,
      },
    };
  },
  async stop() {
    if (!directory) return;
    execFileSync('ip', ['address', 'del', `${address}/32`, 'dev', 'lo']);
    await door?.stop();
    await small?.stop();
    if (answers()) endContainers();
    await stopEngine();
    await stopServer(registry, 'SIGTERM');
    releaseMounts();
    setForwarding(forwards);
    rmSync(directory, { recursive: true, force: true });
  },
  /** Takes the engine away, with what runs on it going on, and brings it back. */
  halt: stopEngine,
  resume: startEngine,
};
