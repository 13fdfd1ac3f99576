import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BakeOrder } from '../../src/pipeline/provider.ts';
import { dockerfileOf } from '../../src/providers/docker/dockerfile.ts';
import { tarOf } from '../../test/support/tar-of.ts';
import { atMost, type Figure, median, seen } from '../figure.ts';
import { base, call, docker, providerFor, settled, timed } from './engine.ts';

const recipe = { base, packages: [], start: ['node', 'server.js'] };
/** Megabytes of a package, and how often it is baked: what is small shows what each bake costs, what is large each byte. */
const sizes = [
  { megabytes: 2, pairs: 8 },
  { megabytes: 100, pairs: 4 },
];

/** A bake, manifest and labels included, against `docker build` of the same Dockerfile and package, in turns. */
export async function bake(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { megabytes, pairs } of sizes) figures.push(...(await bakeOf(megabytes, pairs)));
  return figures;
}

async function bakeOf(megabytes: number, pairs: number): Promise<Figure[]> {
  const owner = `bench-${randomBytes(4).toString('hex')}`;
  const { provider, end } = providerFor(owner);
  const root = mkdtempSync(join(tmpdir(), 'bakery-bench-bake-'));
  const ratios: number[] = [];
  const more: number[] = [];
  const clients: number[] = [];
  try {
    for (let pair = 0; pair <= pairs; pair++) {
      const order = await orderOf(root, owner, `${pair} for Bakery`, megabytes);
      const bakery = await timed(() => settled(() => provider.bake(order, call())));
      const context = contextOf(root, await orderOf(root, owner, `${pair} for the client`, megabytes));
      const client = await timed(() => docker('build', '--quiet', '--tag', `bench:${pair}`, context));
      docker('image', 'rm', '--force', `bench:${pair}`);
      // The first pair warms what both use.
      if (pair === 0) continue;
      ratios.push(bakery / client);
      more.push((bakery - client) / 1000);
      clients.push(client / 1000);
    }
  } finally {
    end();
    rmSync(root, { recursive: true, force: true });
  }
  return [
    atMost(`a bake of ${megabytes} MB against docker build of the same context`, median(ratios), 1.05, 'x'),
    atMost('the same, how much longer', median(more), 0.5, 's'),
    seen('docker build', median(clients), 's'),
  ];
}

/** A package that no other order has. */
async function orderOf(root: string, owner: string, content: string, megabytes: number): Promise<BakeOrder> {
  const folder = mkdtempSync(join(root, 'package-'));
  const files = {
    'server.js': `// ${content}\n`,
    'assets.txt': randomBytes(megabytes * 500_000).toString('hex'),
  };
  const made = await tarOf(folder, files, 'hello.tar');
  const mark = { owner, service: 'hello', version: 1, environment: '', generation: 1, epoch: 0 };
  return {
    ...made,
    recipe,
    files: new Map(),
    sha: '0'.repeat(40),
    mark: { ...mark, effect: `bake.${content}` },
  };
}

/** The folder that the docker client is given: what Bakery streams, as files. */
function contextOf(root: string, order: BakeOrder): string {
  const folder = mkdtempSync(join(root, 'context-'));
  mkdirSync(join(folder, 'package'));
  copyFileSync(order.packageFile, join(folder, 'package', order.package.name));
  writeFileSync(join(folder, 'Dockerfile'), dockerfileOf(recipe, order.package));
  return folder;
}
