import { createHash } from 'node:crypto';
import type { BakeOrder } from '../../pipeline/provider.ts';
import type { RegistrySettings } from './settings.ts';

/** What an image is named by, in one order: the same inputs, the same text. */
export const inputsOf = ({ package: made, recipe }: BakeOrder): Record<string, unknown> => ({
  provider: 'docker',
  package: made.digest,
  name: made.name,
  recipe: {
    base: recipe.base,
    packages: recipe.packages,
    files: (recipe.files ?? []).map(({ path, mode, digest }) => ({ path, mode, digest })),
    folders: recipe.folders,
    user: recipe.user,
    start: recipe.start,
    dockerfile: recipe.dockerfile,
  },
});

/** 32 hex digits of the inputs, and of where the image is pushed to: what was never pushed is not taken for pushed. */
export const inputsKey = (order: BakeOrder, registry: RegistrySettings | undefined): string =>
  createHash('sha256')
    .update(JSON.stringify([inputsOf(order), registry?.repository]))
    .digest('hex')
    .slice(0, 32);

/** The repository of a service's images in a registry. */
export const repositoryOf = (service: string, { repository }: RegistrySettings): string =>
  `${repository}/${service}`;

/** The names of an image: on its engine, given when all is done, and in the registry. */
export const namesOf = (
  order: BakeOrder,
  registry: RegistrySettings | undefined,
): { local: string; remote?: string } => {
  const tag = inputsKey(order, registry);
  const { service } = order.mark;
  return {
    local: `bakery/${service}:${tag}`,
    ...(registry === undefined ? {} : { remote: `${repositoryOf(service, registry)}:${tag}` }),
  };
};

/** A name as the engine wants it for a tag. */
export const tagOf = (name: string): { repo: string; tag: string } => {
  const at = name.lastIndexOf(':');
  return { repo: name.slice(0, at), tag: name.slice(at + 1) };
};

/** Whether a text can be an image's id here: a digest, behind its repository when there is a registry. */
export const isImageId = (id: string): boolean =>
  /^(?:[a-z0-9][a-z0-9._:/-]{0,250}@)?sha256:[0-9a-f]{64}$/.test(id);

/** The digest at the end of an id. */
export const digestIn = (id: string): string => id.slice(id.lastIndexOf('sha256:'));

/** Whether it is one of ours to launch: what was removed while a container used it has no name any more. */
export const isNamed = (
  image: { RepoTags?: string[] | undefined; RepoDigests?: string[] | undefined } | undefined,
): boolean =>
  [...(image?.RepoTags ?? []), ...(image?.RepoDigests ?? [])].some((name) => !name.startsWith('<none>'));
