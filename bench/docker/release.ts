import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atMost, type Figure, median, seen } from '../figure.ts';
import { base, docker, engineUrl, timed } from './engine.ts';
import { type DockerStage, dockerStage } from './stage.ts';

const pairs = 6;

/** A release and its deployment by Bakery against a shell script with docker and socat, in turns, each of its own commit. */
export async function release(): Promise<Figure[]> {
  const world = await dockerStage({ production: { retireAfter: '0s' } });
  const folder = join(world.root, 'hand');
  mkdirSync(folder);
  const ratios: number[] = [];
  const more: number[] = [];
  const scripts: number[] = [];
  try {
    for (let pair = 0; pair <= pairs; pair++) {
      const sha = world.change(pair + 1);
      const bakery = await timed(async () => {
        await world.say('/bake hello');
        await world.live('production', pair + 1, true);
      });
      const script = await timed(() => byHand(world, folder, sha, pair + 1));
      // The first pair warms caches, and has no release that is live before.
      if (pair === 0) continue;
      ratios.push(bakery / script);
      more.push((bakery - script) / 1000);
      scripts.push(script / 1000);
    }
  } finally {
    endOfScript();
    await world.end();
  }
  return [
    atMost('a whole release on Docker against docker and socat in a script', median(ratios), 1.1, 'x'),
    seen('the same, how much longer', median(more), 's'),
    seen('the script', median(scripts), 's'),
  ];
}

function byHand({ stage }: DockerStage, folder: string, sha: string, version: number): void {
  const { origin, data, ports } = stage.place;
  const script = fileURLToPath(new URL('../../bench/docker/by-hand.sh', import.meta.url));
  const network = docker('network', 'ls', '--quiet', '--filter', 'name=bakery-demo');
  const socket = join(data, 'haproxy', 'admin.sock');
  const given = [origin, sha, folder, version, engineUrl, base, network, socket, ports.staging].map(String);
  execFileSync(script, given, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Takes away what the script has running, wherever it ended. */
function endOfScript(): void {
  for (const id of docker('ps', '--all', '--quiet', '--filter', 'name=by-hand').split('\n').filter(Boolean))
    docker('rm', '--force', id);
}
