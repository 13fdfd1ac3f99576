import type { Commands } from './commands.ts';
import type { Mark } from './domain/marked.ts';
import type { Call } from './provider.ts';

/** What a build in containers begins with. */
export interface RoomOrder {
  /** The builder image, in the service's words. */
  image: string;
  /** The root of the checkout on this worker. */
  tree: string;
  /** The service's folder in it, relative; empty for the root. */
  folder: string;
  /** Seconds since 1970: the time that every file of the checkout has in there. */
  commitTime: string;
  mark: Mark;
}

/**
 * One checkout, for the commands of one build: each runs in a container of its own, and what it writes below the
 * checkout and its home is there for the next. Its `run` throws ProviderError when the engine fails, not the command.
 */
export interface BuildRoom extends Commands {
  /** Where the service's folder is in there. */
  folder: string;
  /** What its commands need to know of the room: HOME, TMPDIR and where caches are. */
  env: Record<string, string>;
  /**
   * Brings files of the service's folder, or with `.` all of it, into a folder of this worker under the same paths.
   * What is not there is left out.
   */
  bring(paths: string[], to: string): Promise<void>;
  /** Removes it; only caches stay. */
  close(): Promise<void>;
}

/** Where builds run that ask for a builder image. */
export interface Builder {
  /** Whether a build without a builder image is refused: nothing of a service runs on the worker itself. */
  readonly only: boolean;
  /** Faults: `denied` for an image that the operators do not allow, `unknown image` for one that is nowhere. */
  open(order: RoomOrder, call: Call): Promise<BuildRoom>;
}
