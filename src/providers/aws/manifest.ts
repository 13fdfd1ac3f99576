import type { Digest } from '../../pipeline/domain/time.ts';
import type { BakeOrder } from '../../pipeline/provider.ts';
import { bomOf } from '../manifest/bom.ts';
import type { Tree } from '../manifest/read-tree.ts';
import { inputsOf } from './inputs.ts';
import type { AwsSettings } from './settings.ts';

/**
 * Keeps what a builder found in its image, as Bakery's own manifest and in CycloneDX. `size` is the sum of its files in
 * bytes.
 */
export async function keepManifest(
  text: string,
  order: BakeOrder,
  base: string,
  { keep }: Pick<AwsSettings, 'keep'>,
): Promise<{ manifest: Digest; size: number }> {
  // Written by the builder's program, and checked against the digest that it reported.
  const tree = JSON.parse(text) as Tree;
  const { service, version } = order.mark;
  const bom = await keep(
    bomOf(tree, { service, version: `v${version}`, base: order.recipe.base, baseDigest: base }),
  );
  const manifest = await keep(
    JSON.stringify({
      format: 1,
      inputs: inputsOf(order),
      base: { name: order.recipe.base, digest: base },
      madeBy: { builder: 'aws' },
      ...tree,
      bom,
    }),
  );
  const size = tree.entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : 0), 0);
  return { manifest, size };
}
