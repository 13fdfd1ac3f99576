import type { Hook } from './hook.ts';
import type { Digest, Millis } from './time.ts';

/** One command of a build or a suite: an argument list, never a shell line. */
export interface Command {
  argv: string[];
  timeout: Millis;
}

/** What a service's `bakery.yaml` says of its database: a command of the new image, which may run more than once. */
export interface Migration extends Command {
  /** The oldest version that works with the database from then on; any may be gone back to when it is left out. */
  rollbackTo?: number;
}

/** An HTTP check: `GET path` on the candidate must answer `status`, and contain `contains` if given. */
export interface HttpCheck {
  path: string;
  status: number;
  contains?: string;
}

export type SuiteKind = 'functional' | 'integration' | 'regression';

/** One named suite run against the candidate. `command` gets the address in `BAKERY_ADDRESS`. */
export interface Suite {
  name: string;
  kind: SuiteKind;
  http: HttpCheck[];
  command?: Command;
  /** A path relative to the checkout where the command writes JUnit XML. */
  junit?: string;
}

/** A setting that the service declares: launch is refused when an environment does not bring it. */
export interface DeclaredVariable {
  name: string;
  type: 'string' | 'number' | 'boolean' | 'url' | 'secret';
  required: boolean;
}

/** A file of the repository that goes into the image beside the package. */
export interface RecipeFile {
  /** Where it is in the image; absolute. */
  path: string;
  /** Where it is in the service's folder of the repository. */
  from: string;
  /** Its permissions, as a number: 0o644. */
  mode: number;
  /** Its bytes in the store; there once the build has kept them. */
  digest?: Digest;
}

/** How the image is made from the package. The same for every kind of provider. */
export interface Recipe {
  /** The base, in the provider's words; empty where the provider has none (`local`). */
  base: string;
  /** OS packages to install into the image. */
  packages: string[];
  files?: RecipeFile[];
  /** Empty folders that any account of the image may write: where an instance has places on disk. */
  folders?: string[];
  /** The account that runs `start`: a name or a number. Without it the provider's own, which is not root. */
  user?: string;
  /** A Dockerfile in the package, which then is the build's context; it alone says what is in the image. */
  dockerfile?: string;
  /** What runs in an instance; empty where a Dockerfile says it. */
  start: string[];
}

/** A place in an instance that may be written: memory, gone when it stops, or disk, gone when it is removed. */
export interface Writable {
  path: string;
  /** Bytes of memory; on disk when it is left out. */
  memory?: number;
}

export interface HealthCheck {
  /** What balancers and Bakery's own requests ask for, and the instance's own check as well unless `by` says otherwise. */
  path: string;
  /** The instance's own check: a connection to its port, or the HEALTHCHECK of its image. By HTTP when it is left out. */
  by?: 'tcp' | 'image';
  /** How long an instance may take until it is healthy. */
  within: Millis;
}

/** `bakery.yaml` of a service's repository, as it stands at the commit. Grants no rights. */
export interface ServiceFile {
  /** `package`: the file that the build leaves. Without it the folder itself is packed, for its Dockerfile. */
  build: {
    commands: { name: 'compile' | 'test' | 'package'; command: Command }[];
    package?: string;
    /** The builder image that the commands run in; without it they run on the worker itself. */
    image?: string;
    /** An outside CI hands the package over; there are no commands. */
    external?: true;
  };
  recipe: Recipe;
  health: HealthCheck;
  variables: DeclaredVariable[];
  suites: Suite[];
  /** Commands around stages, which run where the build's run. */
  hooks?: Hook[];
  /** Run from the new image before it is started. */
  migrate?: Migration;
  /** How long a stopping instance may take to finish its requests after SIGTERM. */
  grace: Millis;
  /** What an instance may write to beside /tmp, where its provider makes the rest read-only. */
  writable?: Writable[];
}

/** What may be written, to be spread into what is launched: nothing at all when nothing is declared. */
export const writableOf = ({ writable }: { writable?: Writable[] }): { writable?: Writable[] } =>
  writable === undefined ? {} : { writable };
