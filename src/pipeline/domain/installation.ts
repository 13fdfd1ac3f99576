import type { Actor } from './actor.ts';
import type { Image } from './image.ts';
import type { At, Digest, TextRef } from './time.ts';

/** A time in which nothing new goes to where people have to agree. Rollbacks are always allowed. */
export interface Freeze {
  id: string;
  /** `all`, or the service that it is about. */
  scope: string;
  /** The environments that it is about; those that ask for approval or are production when left out. */
  environments?: string[];
  since: At;
  until: At;
  /** Who ordered it; a window of the configuration has none. */
  by?: Actor;
  /** What a person typed, in the side table. */
  reason?: TextRef;
  /** The name of a window of the configuration. */
  name?: string;
}

/** An image that may not be launched any more, by any path, and those that were baked from it. */
export interface Revocation {
  service: string;
  version: number;
  images: Pick<Image, 'id' | 'digest'>[];
  by: Actor;
  at: At;
  reason: TextRef;
}

/** What is decided for the whole installation. */
export interface Installation {
  /** Who claimed it with the code that was printed at start. */
  owner?: { by: Actor; at: At };
  freezes: Freeze[];
  revoked: Revocation[];
  /** The operators' files: those in force, and the newer ones that are not since they are wrong. */
  files?: { digest: Digest; at: At; restart: string[]; refused?: RefusedFiles };
}

/** Files that were not taken, and why. */
export interface RefusedFiles {
  digest: Digest;
  at: At;
  count: number;
  /** One in each line, in the side table. */
  problems: TextRef;
}

export const newInstallation: Installation = { freezes: [], revoked: [] };
