import { createHash } from 'node:crypto';
import type { Digest } from '../../pipeline/domain/time.ts';
import type { BakeOrder } from '../../pipeline/provider.ts';
import { bomOf } from '../manifest/bom.ts';
import type { Tree } from '../manifest/read-tree.ts';
import type { Facts } from './base-facts.ts';
import { inputsOf } from './image-names.ts';

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

/** The two views of one image as they are kept. */
export interface Written {
  bom: string;
  manifest: string;
  /** Of the manifest: what the image's label says. */
  digest: Digest;
}

/** Both views of what is in an image. */
export function written(tree: Tree, order: BakeOrder, { baseDigest, engine }: Facts): Written {
  const { base } = order.recipe;
  const { service, version } = order.mark;
  const bom = bomOf(tree, { service, version: `v${version}`, base, baseDigest });
  const { packages, unread, entries } = tree;
  const about: Manifest = {
    format: 1,
    inputs: inputsOf(order),
    base: { name: base, digest: baseDigest },
    madeBy: { engine, builder: 'docker' },
    ...{ packages, unread, entries },
    bom: digestOf(bom),
  };
  const manifest = JSON.stringify(about);
  return { bom, manifest, digest: digestOf(manifest) };
}

const digestOf = (text: string): Digest => `sha256:${createHash('sha256').update(text).digest('hex')}`;
