import type { Digest } from '../../pipeline/domain/time.ts';
import type { BakeOrder } from '../../pipeline/provider.ts';
import { bomOf } from '../manifest/bom.ts';
import type { Tree } from '../manifest/read-tree.ts';
import type { Engine } from './engine.ts';
import { unlessGone } from './faults.ts';
import { inputsOf } from './image-names.ts';
import type { KnownTrees } from './known-trees.ts';
import type { DockerSettings } from './settings.ts';

/** Bakery's own view of an image: what it was made from, by whom, and what is in it. */
export interface Manifest {
  format: 1;
  inputs: Record<string, unknown>;
  base: { name: string; digest: string };
  madeBy: { engine: string; builder: 'docker' };
  packages: Tree['packages'];
  /** Databases of packages that are in it and were not read. */
  unread: string[];
  entries: Tree['entries'];
  /** The same in CycloneDX, in the store. */
  bom: Digest;
}

/**
 * Reads what is in an image, keeps both views of it, and gives the digest of Bakery's own. What it was read by is gone when
 * `cleared` resolves.
 */
export async function readManifest(
  engine: Engine,
  image: string,
  order: BakeOrder,
  known: KnownTrees,
  { keep }: Pick<DockerSettings, 'keep'>,
): Promise<{ manifest: Digest; cleared: Promise<void> }> {
  const { base } = order.recipe;
  const [{ tree, cleared }, seen, { Version }] = await Promise.all([
    known.read(engine, image, order),
    // A Dockerfile of the service's own names its base itself.
    base === '' ? undefined : unlessGone(engine.docker.getImage(base).inspect()),
    engine.docker.version(),
  ]);
  const baseDigest = seen?.RepoDigests?.[0]?.split('@')[1] ?? seen?.Id ?? '';
  const { service, version } = order.mark;
  const bom = await keep(bomOf(tree, { service, version: `v${version}`, base, baseDigest }));
  const manifest: Manifest = {
    format: 1,
    inputs: inputsOf(order),
    base: { name: base, digest: baseDigest },
    madeBy: { engine: Version, builder: 'docker' },
    packages: tree.packages,
    unread: tree.unread,
    entries: tree.entries,
    bom,
  };
  return { manifest: await keep(JSON.stringify(manifest)), cleared };
}
