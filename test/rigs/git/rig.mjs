import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { findBinary, freePort, installed, startServer, stopServer } from '../machine.mjs';

/** Debian's sshd with keys, hosts' keys and a port of its own, and a certificate for a git server on TLS. */
let folder;
let server;

const sshd = () => installed('openssh-server', () => findBinary(['sshd']));

export const rig = {
  name: 'git',
  async start() {
    const binary = sshd();
    installed('openssh-client', () => findBinary(['ssh']));
    const openssl = installed('openssl', () => findBinary(['openssl']));
    folder = mkdtempSync(join(tmpdir(), 'bakery-git-'));
    const at = (name) => join(folder, name);
    const keys = ['deploy', 'stranger', 'host', 'other-host'];
    for (const name of keys)
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', at(name)]);
    execFileSync('cp', [at('deploy.pub'), at('authorized_keys')]);
    chmodSync(at('authorized_keys'), 0o600);
    mkdirSync(at('repositories'));
    execFileSync(
      openssl,
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'].concat([
        ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', at('tls.key'), '-out', at('tls.crt')],
      ]),
      { stdio: 'ignore' },
    );
    const port = await freePort();
    const lines = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${at('host')}`,
      `AuthorizedKeysFile ${at('authorized_keys')}`,
      `PidFile ${at('pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
      'AcceptEnv GIT_PROTOCOL',
    ];
    writeFileSync(at('sshd_config'), `${lines.join('\n')}\n`);
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    server = await startServer(binary, ['-D', '-e', '-f', at('sshd_config')], port);
    return {
      env: {
        BAKERY_TEST_GIT: folder,
        BAKERY_TEST_SSH: `ssh://${userInfo().username}@127.0.0.1:${port}`,
      },
    };
  },
  async stop() {
    await stopServer(server, 'SIGTERM');
    if (folder) rmSync(folder, { recursive: true, force: true });
  },
};
