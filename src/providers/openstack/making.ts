import type { LaunchOrder } from '../../pipeline/provider.ts';
import { type Call, ProviderError } from '../../pipeline/provider.ts';
import type { Cloud } from './cloud-parts.ts';
import { labelsOf } from './marks.ts';
import { placeOfInstance, userDataOf } from './placing.ts';
import { ownerTag, serverName } from './servers.ts';

const effectTime = 3_000;

export const wasEnded = (): ProviderError =>
  new ProviderError(
    'unexpected state',
    'This instance was told to end, so it is not started again. Nothing was changed; retry makes a new one.',
  );

/** Makes the server of an instance. `data` is what it is told, and made only once there is a place for it. */
export async function makeServer(
  cloud: Cloud,
  { image, spec, mark }: Pick<LaunchOrder, 'image' | 'spec' | 'mark'>,
  { data, labels }: { data(): Buffer | Promise<Buffer>; labels: Record<string, string> },
  call: Call,
): Promise<void> {
  const { servers, images, settings } = cloud;
  const { signal } = call;
  const name = serverName(mark, 'instance');
  const [found, ended] = await Promise.all([
    images.get(image.id, signal),
    servers.wasEnded(name, settings.now(), signal),
  ]);
  if (found?.status !== 'active')
    throw new ProviderError(
      'unknown image',
      `The image ${image.id} is not in the cloud any more. Nothing was started; bake that release again.`,
    );
  if (ended) throw wasEnded();
  const { place, hints } = await placeOfInstance(cloud, { spec, mark }, signal);
  const order = {
    ...place,
    name,
    imageRef: found.id,
    user_data: userDataOf(await data()),
    tags: [ownerTag(mark.owner)],
    metadata: { ...labelsOf(mark, 'instance'), ...labels },
  };
  call.ensureTime(effectTime);
  await servers.make(order, hints, signal);
  // Whoever told it to end meanwhile saw none.
  if (!(await servers.wasEnded(name, settings.now(), signal))) return;
  for (const { id } of await servers.named(name, signal)) await servers.remove(id, signal);
  throw wasEnded();
}
