import type { Image } from '../../pipeline/domain/image.ts';
import type { Mark } from '../../pipeline/domain/task.ts';
import { type Call, ProviderError, type Reply, ready } from '../../pipeline/provider.ts';
import type { Cloud } from './cloud-parts.ts';
import { key } from './marks.ts';

/**
 * What is done to an image when its release is promoted: its properties say so, who may see it is as the settings say,
 * and the projects that they name may use it. It has no copies: a region's images are for all of its projects.
 */
export async function publish(
  { images, settings }: Cloud,
  { id }: Image,
  { version }: Mark,
  call: Call,
): Promise<Reply<string[]>> {
  const image = await images.get(id, call.signal);
  if (image?.status !== 'active')
    throw new ProviderError(
      'unknown image',
      `The image ${id} is ${image?.status ?? 'not there'}. It was not promoted; bake that release again.`,
    );
  const { shareWith = [], imageProperties = {}, imageVisibility } = settings;
  // Only an image that is `shared` has members (Glance, "Image sharing").
  const visibility = shareWith.length > 0 ? 'shared' : imageVisibility;
  call.ensureTime(3_000 + 1_000 * shareWith.length);
  await images.describe(
    image,
    {
      ...imageProperties,
      [key.promoted]: `v${version}`,
      ...(visibility === undefined ? {} : { visibility }),
    },
    call.signal,
  );
  await images.share(id, shareWith, call.signal);
  return ready([]);
}
