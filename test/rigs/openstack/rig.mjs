import { randomInt } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBinary, installed } from '../machine.mjs';
import { importDebian } from './base.mjs';
import { writeConfiguration } from './configuration.mjs';
import { engineIn } from './engine.mjs';
import { hypervisor } from './hypervisor.mjs';
import { programs } from './programs.mjs';

/**
 * OpenStack's own control plane (Keystone, Glance, Placement, Nova, Neutron, Octavia, Swift) in one container, and a
 * hypervisor of the rig's own whose servers are containers. Built from Debian's packages at each start, which takes some minutes: run by name only.
 */
const image = join(dirname(fileURLToPath(import.meta.url)), 'image');
const ports = {
  IDENTITY: 5000,
  COMPUTE: 8774,
  IMAGE: 9292,
  NETWORK: 9696,
  LOAD_BALANCER: 9876,
  OBJECT_STORE: 8080,
};
const container = 'control-plane';
let engine;
let context;
let servers;

function build(name, network) {
  process.stdout.write(`  building ${name}\n`);
  const args = ['build', '--quiet', '--network', network, '--tag', `bakery-openstack-${name}`];
  engine.docker([...args, '--file', join(context, `${name}.dockerfile`), context]);
}

/** The first half of the servers' addresses; others run rigs on this machine at the same time. */
function freeNetwork() {
  const taken = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []);
  for (;;) {
    const network = `10.${randomInt(16, 240)}`;
    if (!taken.some((address) => address.startsWith(`${network}.`))) return network;
  }
}

function run(network, host) {
  const docker = engine.docker;
  engine.createNetwork('servers', '--subnet', `${network}.0.0/16`, '--gateway', `${network}.0.1`);
  const args = ['--network', 'servers', '--ip', `${network}.255.1`, '--volume', `${host}:/rig/host`];
  args.push('--init', '--stop-timeout', '60', '--name', container);
  docker(['run', '--detach', ...args, 'bakery-openstack-control-plane']);
  docker(['exec', container, '/rig/ready', '180']);
}

export const rig = {
  name: 'openstack',
  async start() {
    installed('docker.io', () => findBinary(['dockerd']));
    installed('iptables', () => findBinary(['iptables']));
    const debootstrap = installed('debootstrap', () => findBinary(['debootstrap']));
    const directory = mkdtempSync(join(tmpdir(), 'bakery-openstack-'));
    context = join(directory, 'context');
    cpSync(image, context, { recursive: true });
    const network = freeNetwork();
    writeConfiguration(join(context, 'etc'), programs, network);
    engine = engineIn(directory);
    await engine.start();
    importDebian(debootstrap, directory, engine.url);
    build('packages', 'host');
    build('machine', 'host');
    build('control-plane', 'none');
    const host = join(directory, 'host');
    mkdirSync(host);
    servers = hypervisor(engine.url, host);
    await servers.listen();
    run(network, host);
    const env = Object.entries(ports).map(([name, port]) => [
      `BAKERY_TEST_OPENSTACK_${name}`,
      `http://${network}.255.1:${port}`,
    ]);
    return { env: { ...Object.fromEntries(env), BAKERY_TEST_OPENSTACK_ENGINE: engine.url } };
  },
  async stop() {
    servers?.close();
    await engine?.stop();
  },
};
