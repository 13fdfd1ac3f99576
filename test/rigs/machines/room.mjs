import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { findBinary, installed } from '../machine.mjs';
import { debianRoot } from './debian-root.mjs';

/**
 * Where a rig's machines really run: containers of systemd-nspawn that boot Debian's own systemd and cloud-init, each in
 * a network of its own with its own address, its own disk over the image that it is of, and the cloud's metadata service
 * at 169.254.169.254. What the cloud's interface says of a machine is the rig's affair.
 */
const run = (program, ...argv) => execFileSync(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
/** For what may be gone already. */
const tried = (program, ...argv) => {
  try {
    run(program, ...argv);
  } catch {
    // Gone, or never there.
  }
};

/** What a console keeps, in characters. */
const longestConsole = 262_144;

export class MachineRoom {
  /** `metadata(address, request, response)` answers the machine of that address, as the cloud's metadata service does. */
  constructor(folder, metadata) {
    this.folder = folder;
    this.machines = new Map();
    // Others run rigs on this machine at the same time.
    const number = randomInt(16, 240);
    this.name = `bakery${number}`;
    this.network = `10.${number}`;
    this.host = `${this.network}.255.254`;
    this.metadata = createServer((request, response) => {
      const address = (request.socket.remoteAddress ?? '').replace('::ffff:', '');
      metadata(address, request, response);
    });
  }

  /** `cloudConfig` is what the cloud's own image of Debian says to cloud-init; `dmi` what its firmware would. */
  async open(cloudConfig, dmi = {}) {
    installed('systemd-container', () => findBinary(['systemd-nspawn']));
    installed('iptables', () => findBinary(['iptables']));
    mkdirSync(this.folder, { recursive: true });
    run('mount', '-t', 'tmpfs', '-o', 'size=6G,mode=755', this.name, this.folder);
    this.base = join(this.folder, 'base');
    debianRoot(this.base);
    writeFileSync(join(this.base, 'etc/cloud/cloud.cfg.d/99-rig.cfg'), cloudConfig);
    // A container has no firmware that names its cloud, and cloud-init does not look for one in it.
    const answers = `\n\ndef read_dmi_data(key):\n    return ${JSON.stringify(dmi)}.get(key)\n`;
    appendFileSync(join(this.base, 'usr/lib/python3/dist-packages/cloudinit/dmi.py'), answers);
    run('ip', 'link', 'add', this.name, 'type', 'bridge');
    run('ip', 'address', 'add', `${this.host}/16`, 'dev', this.name);
    run('ip', 'link', 'set', this.name, 'up');
    // So that apt on a machine reaches what this machine reaches.
    this.rules = [
      ['-t', 'nat', 'POSTROUTING', '-s', `${this.network}.0.0/16`, '!', '-o', this.name, '-j', 'MASQUERADE'],
      ['-t', 'filter', 'FORWARD', '-i', this.name, '-j', 'ACCEPT'],
      ['-t', 'filter', 'FORWARD', '-o', this.name, '-j', 'ACCEPT'],
    ];
    for (const [flag, table, chain, ...rule] of this.rules)
      run('iptables', '-w', flag, table, '-I', chain, ...rule);
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
    await new Promise((resolve) => this.metadata.listen(0, this.host, resolve));
  }

  /** Boots a machine over these layers, the newest first, or boots it again. */
  start(id, { layers, address, grace }) {
    const known = this.machines.get(id);
    const at = join(this.folder, 'machines', id);
    const machine = known ?? { id, at, address, layers, grace, console: '', number: this.machines.size + 1 };
    this.machines.set(id, machine);
    for (const name of ['upper', 'work', 'root']) mkdirSync(join(at, name), { recursive: true });
    const lower = [...machine.layers, this.base].join(':');
    const options = `lowerdir=${lower},upperdir=${join(at, 'upper')},workdir=${join(at, 'work')}`;
    run('mount', '-t', 'overlay', 'overlay', '-o', options, join(at, 'root'));
    this.#connect(machine);
    const child = spawn(
      'systemd-nspawn',
      [
        '--quiet',
        '--register=no',
        '--keep-unit',
        '--boot',
        `--network-namespace-path=/run/netns/${this.#netns(machine)}`,
        `--machine=m${machine.number}`,
        '--resolv-conf=replace-host',
        '--timezone=off',
        '-D',
        join(at, 'root'),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const keep = (data) => {
      machine.console = (machine.console + data).slice(-longestConsole);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    machine.ended = new Promise((resolve) => {
      child.once('error', keep);
      child.once('close', () => {
        machine.child = undefined;
        this.#disconnect(machine);
        tried('umount', '-l', join(at, 'root'));
        resolve();
      });
    });
    machine.child = child;
    return machine.ended;
  }

  /** Its power button: systemd ends what runs and switches off; by force after `patience` ms. */
  async stop(id, patience = 30_000) {
    const machine = this.machines.get(id);
    if (machine?.child === undefined) return;
    // nspawn hands it on as the signal for an orderly halt (systemd-nspawn(1), --kill-signal).
    machine.child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(id), patience);
    await machine.ended;
    clearTimeout(timer);
  }

  /** Pulls its plug: the first process of a machine outlives nspawn, and all others end with it. */
  kill(id) {
    const child = this.machines.get(id)?.child;
    if (child === undefined) return;
    for (const first of childrenOf(child.pid)) process.kill(first, 'SIGKILL');
    child.kill('SIGKILL');
  }

  console(id) {
    return this.machines.get(id)?.console ?? '';
  }

  isOn(id) {
    return this.machines.get(id)?.child !== undefined;
  }

  /** Keeps a machine's disk as a layer, for machines that are started from it. */
  seal(id, name) {
    const machine = this.machines.get(id);
    const layer = join(this.folder, 'images', name);
    mkdirSync(join(this.folder, 'images'), { recursive: true });
    // With the marks of what was deleted, which are extended attributes.
    run('cp', '-a', join(machine.at, 'upper'), layer);
    return [layer, ...machine.layers];
  }

  forgetLayer(layer) {
    rmSync(layer, { recursive: true, force: true });
  }

  async remove(id) {
    await this.stop(id);
    const machine = this.machines.get(id);
    if (machine && existsSync(machine.at)) rmSync(machine.at, { recursive: true, force: true });
  }

  async close() {
    await Promise.all(
      [...this.machines.keys()].map((id) => {
        this.kill(id);
        return this.machines.get(id)?.ended;
      }),
    );
    this.metadata.close();
    this.metadata.closeAllConnections();
    for (const [flag, table, chain, ...rule] of this.rules ?? [])
      tried('iptables', '-w', flag, table, '-D', chain, ...rule);
    tried('ip', 'link', 'delete', this.name);
    tried('umount', '-l', this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #netns({ number }) {
    return `${this.name}-${number}`;
  }

  #connect(machine) {
    const name = this.#netns(machine);
    const [outside, inside] = [`${this.name}v${machine.number}`, 'host0'];
    const within = (...argv) => run('ip', 'netns', 'exec', name, ...argv);
    run('ip', 'netns', 'add', name);
    run('ip', 'link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', name);
    run('ip', 'link', 'set', outside, 'master', this.name, 'up');
    within('ip', 'link', 'set', 'lo', 'up');
    within('ip', 'address', 'add', `${machine.address}/16`, 'dev', inside);
    within('ip', 'link', 'set', inside, 'up');
    within('ip', 'route', 'add', 'default', 'via', this.host);
    const to = `${this.host}:${this.metadata.address().port}`;
    within(
      ...['iptables', '-w', '-t', 'nat', '-A', 'OUTPUT', '-d', '169.254.169.254', '-p', 'tcp'],
      ...['--dport', '80', '-j', 'DNAT', '--to-destination', to],
    );
  }

  #disconnect(machine) {
    tried('ip', 'netns', 'delete', this.#netns(machine));
    tried('ip', 'link', 'delete', `${this.name}v${machine.number}`);
  }
}

function childrenOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
