import type { Package } from './image.ts';
import type { Digest } from './time.ts';

/** What an outside CI hands over for a commit: in the store already, by digest. */
export interface Submission {
  package: Package;
  /** JUnit reports of the tests that it ran. */
  reports: Digest[];
}

/** That an outside CI builds a service, and how it proves who it is. */
export interface ExternalBuild {
  /** A reference to the secret that it signs with. */
  key: string;
  /** Bytes that a package may have. */
  largest: number;
}
