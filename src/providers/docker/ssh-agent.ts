import { spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';

const options = ['-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-o', 'ServerAliveInterval=15'];

/** The command that reaches an engine's socket through ssh. Host keys and identities are ssh's own business. */
export const sshCommand = (url: string): string[] => [
  'ssh',
  ...options,
  '--',
  url,
  'docker',
  'system',
  'dial-stdio',
];

/**
 * Connections to the engine behind `ssh://user@host`, one process of ssh each, as the docker client makes them:
 * the host's key is checked against known_hosts, and nothing but ssh sees a private key.
 */
export const sshAgent = (url: string): Agent => {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 2 });
  return Object.assign(agent, { createConnection: () => connect(url) });
};

function connect(url: string): Duplex {
  const [program = '', ...args] = sshCommand(url);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let words = '';
  child.stderr.on('data', (bytes: Buffer) => {
    words = (words + bytes.toString()).slice(-500);
  });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  const broken = (): void => {
    stream.destroy(Object.assign(new Error(`ssh ended: ${words.trim()}`), { code: 'ECONNRESET' }));
  };
  child.once('error', broken);
  child.once('exit', broken);
  stream.once('close', () => child.kill());
  // One that the agent lets go of, since it has enough that are free, is aborted: nobody waits for it any more.
  stream.on('error', () => {});
  // What node:http asks of a socket beyond a stream.
  return Object.assign(stream, {
    setTimeout: () => stream,
    setNoDelay: () => stream,
    setKeepAlive: () => stream,
    ref: () => stream,
    unref: () => stream,
  });
}
