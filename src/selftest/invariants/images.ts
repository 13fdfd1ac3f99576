import type { Invariant } from './contract.ts';

/** What is live, or could be gone back to, can be started again. */
export const images: Invariant = {
  name: 'every image that a release has is there, and published once it is production ready',
  broken: ({ books, ledger, policy: { publishes } }) =>
    ledger.releases.flatMap(({ version, image, state }) => {
      if (image === undefined) return [];
      const it = books.images.get(image.id);
      if (it === undefined) return [`The image ${image.id} of v${version} is gone.`];
      const isPublished = image.copies?.length === 1 && image.copies[0] === it.copy?.name;
      return publishes === true && state === 'production ready' && !isPublished
        ? [`v${version} is production ready, and its image ${image.id} was not published.`]
        : [];
    }),
};
