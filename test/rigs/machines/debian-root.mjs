import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { findBinary, installed } from '../machine.mjs';

/** What a cloud's image of Debian has beside its smallest system. */
const inside = ['systemd-sysv', 'dbus', 'python3', 'iproute2', 'ca-certificates', 'curl', 'netbase'];
/** Of no use in a container, and slow. */
const masked = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'e2scrub_all.timer',
  'dpkg-db-backup.timer',
  'fstrim.timer',
  'systemd-tmpfiles-clean.timer',
  'console-getty.service',
  'systemd-logind.service',
  'systemd-journal-flush.service',
  'systemd-update-utmp.service',
  'systemd-update-utmp-runlevel.service',
  'cloud-init-hotplugd.socket',
];

/**
 * Debian 12 with systemd and cloud-init, and this Node.js, as a folder: what a cloud's base image is. Made by
 * debootstrap from the mirrors that this machine itself uses. With BAKERY_RIG_CACHE the result is kept there.
 */
export function debianRoot(root) {
  const kept = process.env.BAKERY_RIG_CACHE && join(process.env.BAKERY_RIG_CACHE, 'debian-root.tar');
  mkdirSync(root, { recursive: true });
  if (kept && existsSync(kept)) {
    execFileSync('tar', ['-C', root, '--xattrs', '-xf', kept]);
    return;
  }
  const debootstrap = installed('debootstrap', () => findBinary(['debootstrap']));
  const found = mirrors();
  const main = found.find(({ release }) => release === 'bookworm');
  if (!main)
    throw new Error('This rig needs Debian 12 for its machines, and this machine has no mirror of it.');
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] };
  execFileSync(
    debootstrap,
    ['--variant=minbase', `--include=${inside.join(',')}`, 'bookworm', root, main.uri],
    quiet,
  );
  writeFileSync(
    join(root, 'etc/apt/sources.list'),
    found.map(({ uri, release }) => `deb ${uri} ${release} main\n`).join(''),
  );
  const chroot = (...argv) =>
    execFileSync('chroot', [root, ...argv], {
      ...quiet,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    });
  chroot('apt-get', 'update', '-q');
  // debootstrap does not know which package stands behind a virtual one that cloud-init needs.
  chroot('apt-get', 'install', '-q', '-y', '--no-install-recommends', 'cloud-init');
  chroot('apt-get', 'clean');
  for (const unit of masked) chroot('systemctl', 'mask', unit);
  rmSync(join(root, 'var/lib/apt/lists'), { recursive: true, force: true });
  mkdirSync(join(root, 'var/lib/apt/lists/partial'), { recursive: true });
  writeFileSync(join(root, 'etc/machine-id'), '');
  bringNode(root);
  if (!kept) return;
  mkdirSync(dirname(kept), { recursive: true });
  const aside = `${kept}.${process.pid}`;
  execFileSync('tar', ['-C', root, '--xattrs', '-cf', aside, '.']);
  renameSync(aside, kept);
}

/** The services of the tests are programs for Node.js. */
function bringNode(root) {
  const node = realpathSync(process.execPath);
  mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
  copyFileSync(node, join(root, 'usr/local/bin/node'));
  const libraries = execFileSync('ldd', [node], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g);
  for (const [, path] of libraries) {
    if (existsSync(join(root, path))) continue;
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
}

/** The mirrors of Debian 12 that this machine uses. */
export function mirrors() {
  const format = ['indextargets', '--format', '$(REPO_URI) $(RELEASE)', 'Created-By: Packages'];
  const ask = () => execFileSync('apt-get', format, { encoding: 'utf8' }).split('\n').filter(Boolean);
  let lines = ask();
  if (lines.length === 0) {
    execFileSync('apt-get', ['update', '-q'], { stdio: ['ignore', 'ignore', 'inherit'] });
    lines = ask();
  }
  return [...new Set(lines)]
    .map((line) => line.split(' '))
    .map(([uri, release]) => ({ uri, release }))
    .filter(({ release }) => release?.startsWith('bookworm'));
}
