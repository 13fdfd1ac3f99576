import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mirrors } from '../machines/debian-root.mjs';

/** Debian 12 as an image `debian:bookworm`, made by debootstrap from the mirrors that this machine itself uses. */
export function importDebian(debootstrap, directory, url) {
  const root = join(directory, 'root');
  const found = mirrors();
  const main = found.find(({ release }) => release === 'bookworm');
  if (!main)
    throw new Error('The OpenStack rig is built from Debian 12, and this machine has no mirror of it.');
  mkdirSync(root);
  execFileSync(debootstrap, ['--variant=minbase', 'bookworm', root, main.uri], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const lines = found.map(({ uri, release }) => `deb ${uri} ${release} main\n`);
  writeFileSync(join(root, 'etc/apt/sources.list'), lines.join(''));
  for (const folder of ['var/cache/apt/archives', 'var/lib/apt/lists'])
    for (const name of existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [])
      rmSync(join(root, folder, name), { recursive: true, force: true });
  const archive = join(directory, 'root.tar');
  execFileSync('tar', ['-C', root, '-cf', archive, '.']);
  execFileSync('docker', ['-H', url, 'import', '--change', 'CMD ["bash"]', archive, 'debian:bookworm'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  rmSync(archive);
  rmSync(root, { recursive: true, force: true });
}
