import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A Docker engine with folders and a socket of its own in `directory`, which leaves the machine's packet filter and
 * bridges alone, but for a line that lets its own networks' packets pass: it may run beside any other engine, and after
 * one, which leaves behind that all that is forwarded is dropped. Its containers have no way out; the host reaches
 * their ports through the engine's proxy.
 */
export function engineIn(directory) {
  const folder = (name) => join(directory, name);
  const url = `unix://${folder('docker.sock')}`;
  const docker = (args, options = {}) =>
    execFileSync('docker', ['-H', url, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 2 ** 20,
      ...options,
    });
  const bridges = [];
  const filter = (what, bridge) =>
    execFileSync('iptables', ['--wait', what, 'FORWARD', '-i', bridge, '-o', bridge, '-j', 'ACCEPT']);
  const answers = () => {
    try {
      docker(['version']);
      return true;
    } catch {
      return false;
    }
  };

  async function start() {
    const args = [
      '--data-root',
      folder('data'),
      '--exec-root',
      folder('exec'),
      '-H',
      url,
      '-p',
      folder('pid'),
    ];
    args.push(
      '--bridge=none',
      '--iptables=false',
      '--ip6tables=false',
      '--ip-forward=false',
      '--ip-masq=false',
    );
    const engine = spawn('dockerd', args, { stdio: 'ignore', detached: true });
    engine.unref();
    const deadline = Date.now() + 60_000;
    while (!answers()) {
      if (engine.exitCode !== null || Date.now() > deadline)
        throw new Error('dockerd does not answer. It needs root, and a kernel with overlay and bridges.');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** A network in which containers reach each other. */
  function createNetwork(name, ...args) {
    const bridge = `br-${docker(['network', 'create', ...args, name]).slice(0, 12)}`;
    filter('--insert', bridge);
    bridges.push(bridge);
  }

  /** Ends the engine with its containers and networks, and removes its folder. */
  async function stop() {
    if (answers()) {
      const ids = (...args) => docker(args).split('\n').filter(Boolean);
      const containers = ids('ps', '--all', '--quiet');
      if (containers.length > 0) docker(['rm', '--force', '--volumes', ...containers]);
      for (const id of ids('network', 'ls', '--quiet', '--filter', 'type=custom'))
        docker(['network', 'rm', id]);
    }
    for (const bridge of bridges.splice(0)) filter('--delete', bridge);
    if (existsSync(folder('pid'))) {
      const pid = Number(readFileSync(folder('pid'), 'utf8'));
      process.kill(pid, 'SIGTERM');
      while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    releaseMounts();
    rmSync(directory, { recursive: true, force: true });
  }

  /** An engine leaves the folder of its network namespaces mounted. */
  function releaseMounts() {
    const mounts = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .flatMap((line) => line.split(' ')[1] ?? []);
    for (const mount of mounts.filter((one) => one.startsWith(`${directory}/`)).reverse())
      execFileSync('umount', ['--lazy', mount]);
  }

  return { docker, url, start, createNetwork, stop };
}
