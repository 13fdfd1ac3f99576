import type { Digest } from './time.ts';

/** What a build makes: any file, by digest. */
export interface Package {
  digest: Digest;
  /** Bytes. */
  size: number;
  /** The file's name, for example `hello-1.2.0.tar`. */
  name: string;
}

/** What a bake makes: sealed, named by its inputs, with a digest and a manifest. */
export interface Image {
  /** The provider that holds it. */
  provider: string;
  /** The provider's own name for it, found again by `inspect` and `launch`. */
  id: string;
  digest: Digest;
  /** The manifest's digest in the store: every package and file in the image, and what made it. */
  manifest: Digest;
  /** Bytes. */
  size: number;
  /** True when the same inputs had been baked before and that image was taken. */
  reused: boolean;
  /** The provider's own names of its copies elsewhere. There once its release was promoted, where images are published. */
  copies?: string[];
}
