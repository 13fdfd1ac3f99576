import { createHash } from 'node:crypto';
import type { BakeOrder } from '../../pipeline/provider.ts';
import type { AwsSettings } from './settings.ts';

/** What an image is named by, in one order: the same inputs, the same text. */
export const inputsOf = ({ package: made, recipe }: BakeOrder): Record<string, unknown> => ({
  provider: 'aws',
  package: made.digest,
  name: made.name,
  recipe: {
    base: recipe.base,
    packages: recipe.packages,
    files: (recipe.files ?? []).map(({ path, mode, digest }) => ({ path, mode, digest })),
    folders: recipe.folders,
    user: recipe.user,
  },
});

/** 32 hex digits of the inputs, of whose image it is, and of the key that encrypts it. */
export const inputsKey = (order: BakeOrder, { region, kmsKey }: AwsSettings): string =>
  createHash('sha256')
    .update(JSON.stringify([inputsOf(order), order.mark.owner, region, kmsKey]))
    .digest('hex')
    .slice(0, 32);

/** An AMI's name is given once in an account and region: that is what makes an image the only one of its inputs. */
export const imageName = (service: string, key: string): string => `bakery/${service}/${key}`;
