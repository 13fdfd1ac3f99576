import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Image } from '../../../src/pipeline/domain/image.ts';
import type { BakeOrder } from '../../../src/pipeline/provider.ts';
import type { dockerProvider } from '../../../src/providers/docker/index.ts';
import { services, start } from '../../support/bakery-services.ts';
import { freeCall, settle } from '../../support/settle.ts';
import { tarOf } from '../../support/tar-of.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { base, markFor, store } from './docker-world.ts';

/** What is kept under a digest, read as JSON. */
export const json = async <Value>(digest: string): Promise<Value> =>
  JSON.parse(await text(await store.get(digest)));

/** An order of a package of these files, that no other test has. */
export const orderOf = async (over: Partial<BakeOrder> = {}, files = {}): Promise<BakeOrder> => ({
  ...(await tarOf(tempFolder(), { ...services, ...files })),
  recipe: { base: base(), packages: [], start: start.serves },
  files: new Map(),
  sha: 'a'.repeat(40),
  mark: markFor('bake'),
  ...over,
});

/** Bakes it; what was baked goes with the test. */
export const bake = async (
  provider: ReturnType<typeof dockerProvider>,
  order: BakeOrder,
  log = freeCall(),
): Promise<Image> => {
  const image = await settle(() => provider.bake(order, log));
  onTestFinished(async () => void (await provider.removeImage(image.id, freeCall())));
  return image;
};
