import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Digest } from '../../pipeline/domain/time.ts';
import { type BakeOrder, ProviderError } from '../../pipeline/provider.ts';
import { bomOf } from '../manifest/bom.ts';
import type { Tree } from '../manifest/read-tree.ts';
import type { GlanceImage } from './images.ts';

/** What an image is made from, in one order: the same inputs, the same text. */
export const inputsOf = (
  { package: made, recipe }: BakeOrder,
  base: GlanceImage,
): Record<string, unknown> => ({
  provider: 'openstack',
  package: made.digest,
  name: made.name,
  base: base.id,
  recipe: {
    packages: recipe.packages,
    files: (recipe.files ?? []).map(({ path, mode, digest }) => ({ path, mode, digest })),
    folders: recipe.folders,
    user: recipe.user,
    start: recipe.start,
  },
});

const entry = z.discriminatedUnion('kind', [
  z.object({
    path: z.string(),
    kind: z.literal('file'),
    mode: z.string(),
    size: z.number(),
    digest: z.string(),
  }),
  z.object({ path: z.string(), kind: z.literal('link'), target: z.string() }),
]);
const listed = z.object({
  kind: z.enum(['deb', 'apk', 'npm', 'pypi']),
  name: z.string(),
  version: z.string(),
});
const treeSchema = z.object({
  entries: z.array(entry),
  packages: z.array(listed),
  unread: z.array(z.string()),
}) satisfies z.ZodType<Tree>;

/** What a builder says is in it, when it is what its report names. Throws `unexpected state` when it is not. */
export function treeIn(text: string | undefined, digest: Digest): Tree {
  const found = `sha256:${createHash('sha256')
    .update(text ?? '')
    .digest('hex')}`;
  if (text !== undefined && found === digest) return treeSchema.parse(JSON.parse(text));
  throw new ProviderError(
    'unexpected state',
    'What the builder wrote of its content is not what its report names. No image was made; look who writes into the container of packages, then bake again.',
  );
}

/** Keeps both views of what is in an image, and gives the digest of Bakery's own. */
export async function keepManifest(
  tree: Tree,
  order: BakeOrder,
  base: GlanceImage,
  keep: (text: string) => Promise<Digest>,
): Promise<Digest> {
  const { service, version } = order.mark;
  const from = { name: order.recipe.base, digest: base.id };
  const bom = await keep(
    bomOf(tree, { service, version: `v${version}`, base: from.name, baseDigest: from.digest }),
  );
  const manifest = {
    format: 1,
    inputs: inputsOf(order, base),
    base: from,
    madeBy: { builder: 'openstack' },
    packages: tree.packages,
    unread: tree.unread,
    entries: tree.entries,
    bom,
  };
  return keep(JSON.stringify(manifest));
}
