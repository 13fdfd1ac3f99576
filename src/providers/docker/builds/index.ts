import { randomBytes } from 'node:crypto';
import type { Builder } from '../../../pipeline/builder.ts';
import type { Commands } from '../../../pipeline/commands.ts';
import { type Call, ProviderError } from '../../../pipeline/provider.ts';
import { Engine } from '../engine.ts';
import { onEngine, unlessGone } from '../faults.ts';
import { label, labelsOf } from '../labels.ts';
import { Registry } from '../registry.ts';
import { sweep } from './build-volumes.ts';
import { type BuilderSettings, isAllowed } from './builder-settings.ts';
import { Room } from './room.ts';
import { cacheLabels, cacheName } from './room-parts.ts';

/** No attempt at a build takes longer: what is older was left by a worker that died. */
const longest = 90 * 60_000;

/** Builds in containers of one Docker engine. `commands` runs the process that follows each container. */
export const dockerBuilder = (settings: BuilderSettings, commands: Commands): Builder => {
  const engine = new Engine('builder', settings.engine);
  const { docker } = engine;
  return {
    only: settings.only,
    open: (order, call) =>
      onEngine('prepare the build', async () => {
        const { image, mark } = order;
        if (!isAllowed(image, settings.images)) throw notAllowed(image, settings.images);
        await sweep(engine, mark.owner, settings.now());
        const found = await imageOf(image, engine, settings, call);
        call.log(`building in ${image} (${found.digest})`);
        if (settings.network !== 'none') await engine.network(settings.network);
        call.ensureTime(3_000);
        const labels = {
          ...labelsOf(mark, 'builder'),
          [label.until]: String(settings.now() + longest),
        };
        const own = `bakery-build-${randomBytes(8).toString('hex')}`;
        const cache = cacheName(mark);
        await docker.createVolume({ Name: cache, Labels: cacheLabels(mark) });
        await docker.createVolume({ Name: own, Labels: labels });
        const room = new Room(engine, settings, commands, { image: found.id, own, cache, labels, call });
        try {
          await room.fill(order);
          return room;
        } catch (error) {
          await room.close().catch(() => undefined);
          throw error;
        }
      }),
  };
};

const notAllowed = (image: string, images: string[]): ProviderError =>
  new ProviderError(
    'denied',
    `The builder image ${image} is not one that the operators allow (${images.join(', ')}). Nothing was built; name one of those in build.image, or have it added to worker.builds.images of bot.yaml.`,
  );

/** The image by its own id, so that a name which moves meanwhile moves no command. Pulled when it is not there. */
async function imageOf(
  image: string,
  engine: Engine,
  { registry }: BuilderSettings,
  call: Call,
): Promise<{ id: string; digest: string }> {
  const look = () => unlessGone(engine.docker.getImage(image).inspect());
  let seen = await look();
  if (seen === undefined) {
    call.log(`fetching ${image}`);
    const host = image.split('/')[0];
    const own = registry !== undefined && registry.repository.split('/')[0] === host ? registry : undefined;
    const from = new Registry(own ?? { repository: host ?? '', insecure: false });
    if (await from.pull(engine, image, call)) seen = await look();
  }
  if (seen === undefined)
    throw new ProviderError(
      'unknown image',
      `The builder image ${image} is neither on the engine nor in its registry. Nothing was built; push it, or correct build.image.`,
    );
  return { id: seen.Id, digest: seen.RepoDigests?.[0]?.split('@')[1] ?? seen.Id };
}
