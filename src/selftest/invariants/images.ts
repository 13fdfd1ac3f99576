import type { Invariant } from './contract.ts';

/** What is live, or could be gone back to, can be started again. */
export const images: Invariant = {
  name: 'every image that a release has is there',
  broken: ({ books, ledger }) =>
    ledger.releases
      .filter(({ image }) => image !== undefined && !books.images.has(image.id))
      .map(({ version, image }) => `The image ${image?.id} of v${version} is gone.`),
};
