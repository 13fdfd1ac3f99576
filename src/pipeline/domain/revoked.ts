import type { Image } from './image.ts';
import type { Installation, Revocation } from './installation.ts';

/** The revocation that keeps this image from being launched; undefined when there is none. */
export const revocationOf = (
  image: Pick<Image, 'id' | 'digest'>,
  { revoked }: Installation,
): Revocation | undefined =>
  revoked.find(({ images }) => images.some(({ id, digest }) => digest === image.digest || id === image.id));

/** The revocation of what an image would be baked from; undefined when there is none. */
export const revocationOfBase = (base: string, { revoked }: Installation): Revocation | undefined =>
  base === ''
    ? undefined
    : revoked.find(({ images }) => images.some(({ id, digest }) => base === id || base.includes(digest)));

export const revokedInWords = (what: string, { service, version }: Revocation): string =>
  `${what} may not be launched any more: ${service} v${version} was revoked. Release a newer version.`;
