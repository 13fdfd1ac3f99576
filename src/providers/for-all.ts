import type { Image } from '../pipeline/domain/image.ts';
import { type ImageReport, ProviderError, type Reply, ready } from '../pipeline/provider.ts';

/** The publication of an image in a cloud where whoever may start any may start all. Throws `unknown image`. */
export function forAll({ id }: Image, { state, because }: ImageReport): Reply<string[]> {
  if (state !== 'gone') return ready([]);
  throw new ProviderError(
    'unknown image',
    `The image ${id} cannot be promoted: ${because ?? 'it is not there'}. Bake that release again.`,
  );
}
