import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBinary, freePort, installed, startServer, stopServer } from '../machine.mjs';

/**
 * An ssh server on the loopback address that leads to an engine, and clients that find it: `path` and `stranger` are
 * folders with an `ssh` that is the machine's own with a configuration of the rig, the second with another host key.
 * The server sees a home folder of its own (a mount that only it has), so that nobody's `~/.ssh` is touched.
 */
export async function startSshDoor(directory, engine) {
  const dropbear = installed('dropbear-bin', () => findBinary(['dropbear']));
  const ssh = installed('openssh-client', () => findBinary(['ssh']));
  const folder = join(directory, 'ssh');
  const home = join(folder, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  const file = (name) => join(folder, name);
  for (const name of ['identity', 'other']) keyPair(file(name));
  copyFileSync(file('identity.pub'), join(home, '.ssh', 'authorized_keys'));
  execFileSync(findBinary(['dropbearkey']), ['-t', 'ed25519', '-f', file('host')], { stdio: 'ignore' });
  const port = await freePort();
  const told = execFileSync(findBinary(['dropbearkey']), ['-y', '-f', file('host')], { encoding: 'utf8' });
  const hostKey = told.split('\n').find((line) => line.startsWith('ssh-ed25519 '));
  const [kind, other] = execFileSync('cat', [file('other.pub')], { encoding: 'utf8' }).split(' ');
  const serve = `mount --bind "$0" /root && exec "$1" -F -E -e -s -r "$2" -P "$3" -p "127.0.0.1:$4"`;
  const args = ['--mount', 'sh', '-c', serve, home, dropbear, file('host'), file('pid'), String(port)];
  const server = await startServer('unshare', args, port, { env: { ...process.env, DOCKER_HOST: engine } });
  return {
    url: `ssh://root@127.0.0.1:${port}`,
    path: clientFolder(folder, 'path', ssh, port, hostKey),
    stranger: clientFolder(folder, 'stranger', ssh, port, `${kind} ${other}`),
    stop: () => stopServer(server, 'SIGTERM'),
  };
}

const keyPair = (path) =>
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path], { stdio: 'ignore' });

/** A folder for PATH: its `ssh` knows this identity and this key of the host, and asks no configuration of the machine. */
function clientFolder(folder, name, ssh, port, hostKey) {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, 'known_hosts'), `[127.0.0.1]:${port} ${hostKey}\n`);
  const config = [
    `IdentityFile ${join(folder, 'identity')}`,
    'IdentitiesOnly yes',
    'StrictHostKeyChecking yes',
  ];
  writeFileSync(
    join(path, 'config'),
    [...config, `UserKnownHostsFile ${join(path, 'known_hosts')}`, ''].join('\n'),
  );
  writeFileSync(join(path, 'ssh'), `#!/bin/sh\nexec ${ssh} -F ${join(path, 'config')} "$@"\n`);
  chmodSync(join(path, 'ssh'), 0o755);
  return path;
}
