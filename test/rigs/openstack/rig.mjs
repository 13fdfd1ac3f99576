import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBinary, freePort, installed } from '../machine.mjs';
import { importDebian } from './base.mjs';
import { writeConfiguration } from './configuration.mjs';
import { engineIn } from './engine.mjs';
import { programs } from './programs.mjs';

/**
 * OpenStack's own control plane (Keystone, Glance, Placement, Nova, Neutron, Octavia) in one container, without a
 * hypervisor. Built from Debian's packages at each start, which takes some minutes: run by name only.
 */
const image = join(dirname(fileURLToPath(import.meta.url)), 'image');
const ports = {
  IDENTITY: 5000,
  COMPUTE: 8774,
  IMAGE: 9292,
  NETWORK: 9696,
  LOAD_BALANCER: 9876,
};
const container = 'control-plane';
let engine;
let context;

function build(name, network) {
  process.stdout.write(`  building ${name}\n`);
  const args = ['build', '--quiet', '--network', network, '--tag', `bakery-openstack-${name}`];
  engine.docker([...args, '--file', join(context, `${name}.dockerfile`), context]);
}

async function run() {
  const published = {};
  for (const name of Object.keys(ports)) published[name] = await freePort();
  const args = Object.entries(ports).flatMap(([name, port]) => [
    '--publish',
    `127.0.0.1:${published[name]}:${port}`,
  ]);
  engine.docker(['network', 'create', 'rig']);
  args.push('--network', 'rig', '--init', '--stop-timeout', '60', '--name', container);
  engine.docker(['run', '--detach', ...args, 'bakery-openstack-control-plane']);
  engine.docker(['exec', container, '/rig/ready', '180']);
  return published;
}

export const rig = {
  name: 'openstack',
  async start() {
    installed('docker.io', () => findBinary(['dockerd']));
    const debootstrap = installed('debootstrap', () => findBinary(['debootstrap']));
    const directory = mkdtempSync(join(tmpdir(), 'bakery-openstack-'));
    context = join(directory, 'context');
    cpSync(image, context, { recursive: true });
    writeConfiguration(join(context, 'etc'), programs);
    engine = engineIn(directory);
    await engine.start();
    importDebian(debootstrap, directory, engine.url);
    build('packages', 'host');
    build('control-plane', 'none');
    const published = await run();
    const env = Object.entries(published).map(([name, port]) => [
      `BAKERY_TEST_OPENSTACK_${name}`,
      `http://127.0.0.1:${port}`,
    ]);
    return { env: Object.fromEntries(env) };
  },
  async stop() {
    await engine?.stop();
  },
};
