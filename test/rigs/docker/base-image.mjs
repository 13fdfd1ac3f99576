import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Base images of what this machine has, since a rig asks no registry outside. */

const applets = [
  'sh',
  'cat',
  'ls',
  'mkdir',
  'sleep',
  'env',
  'true',
  'false',
  'dd',
  'cp',
  'rm',
  'id',
  'head',
  'tar',
  'kill',
];

/** `node:rig`: busybox, this Node.js and the libraries that it needs. Everything is root's and read-only to others. */
export async function nodeImage(busybox, docker) {
  const root = mkdtempSync(join(tmpdir(), 'bakery-base-'));
  try {
    for (const folder of ['bin', 'etc', 'tmp', 'usr/local/bin'])
      mkdirSync(join(root, folder), { recursive: true });
    // As every system has it; memory that is mounted there takes its rights.
    chmodSync(join(root, 'tmp'), 0o1777);
    copyFileSync(busybox, join(root, 'bin/busybox'));
    for (const name of applets) symlinkSync('busybox', join(root, 'bin', name));
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
    const node = realpathSync(process.execPath);
    copyFileSync(node, join(root, 'usr/local/bin/node'));
    for (const library of librariesOf(node)) {
      mkdirSync(join(root, dirname(library)), { recursive: true });
      copyFileSync(library, join(root, library));
    }
    await imported(root, 'node:rig', docker);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** A folder as an image of one layer. */
export async function imported(root, name, docker) {
  const tar = spawn('tar', ['--owner=0', '--group=0', '--sort=name', '-C', root, '-c', '.'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const client = spawn(
    'docker',
    [...docker, 'import', '--change', 'ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', '-', name],
    {
      stdio: [tar.stdout, 'ignore', 'inherit'],
    },
  );
  const code = await new Promise((resolve) => client.once('exit', resolve));
  if (code !== 0) throw new Error(`docker import of ${name} ended with ${code}.`);
}

const librariesOf = (program) =>
  [...execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path);
