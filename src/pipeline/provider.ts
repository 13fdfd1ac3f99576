import type { Failure, Fault } from './domain/fault.ts';
import type { Image, Package } from './domain/image.ts';
import type { Instance } from './domain/instance.ts';
import type { Marked } from './domain/marked.ts';
import type { HealthCheck, Recipe } from './domain/service-file.ts';
import type { LaunchSpec, Mark } from './domain/task.ts';
import type { Millis } from './domain/time.ts';

export type { Marked } from './domain/marked.ts';

/** What a call may know and must obey. */
export interface Call {
  /** Aborted when the task is cancelled or its lease is lost: stop, leave what is made to be found by its mark. */
  signal: AbortSignal;
  /** Throws `fenced` when this attempt may not begin an effect that takes up to `ms`. Ask before each effect. */
  ensureTime(ms: Millis): void;
  /** One line of output, for the log and the card. */
  log(line: string): void;
}

/** A long operation that is not over: look again, and here is what I know (a hint only, may be thrown away). */
export type Reply<Value> =
  | { ready: true; value: Value }
  | { ready: false; again: Millis; known?: unknown; note?: string };

export const ready = <Value>(value: Value): Reply<Value> => ({ ready: true, value });
export const notYet = (again: Millis, note?: string, known?: unknown): Reply<never> => ({
  ready: false,
  again,
  ...(note === undefined ? {} : { note }),
  ...(known === undefined ? {} : { known }),
});

export interface BakeOrder {
  package: Package;
  /** The package's bytes on this machine, already checked against its digest. */
  packageFile: string;
  recipe: Recipe;
  /** Where the bytes of the recipe's files are on this machine, by their path in the image; checked like the package. */
  files: ReadonlyMap<string, string>;
  sha: string;
  mark: Mark;
}

export interface LaunchOrder {
  image: Image;
  spec: LaunchSpec;
  /** Values with secrets read, but those that the instance reads itself. Never logged. */
  environment: Record<string, string>;
  /** Values that come as files readable by the instance alone; it gets the path of NAME as NAME_FILE. Never logged. */
  files?: Record<string, string>;
  mark: Mark;
  /** Told that the instance is being started, and then where it can be asked; only by a provider that starts within seconds. */
  onStarting?: (address?: string) => void;
}

/** What a provider says of an instance. Anything else that its cloud may answer is an `unexpected state` fault. */
export interface InstanceReport {
  state: 'starting' | 'running' | 'exited' | 'gone';
  /** By the instance's own health check. */
  healthy: boolean;
  /** Why not, in words, when it is not healthy. */
  because?: string;
}

/** What a provider says of an image that was baked. */
export interface ImageReport {
  /** `changed`: something of that name is there, and it is not what was baked. */
  state: 'present' | 'changed' | 'gone';
  /** Why not, in words, when it is not present. */
  because?: string;
}

/** What a script that starts an instance without Bakery is made from. Holds no secret and no value. */
export interface ScriptOrder {
  image: Image;
  spec: Pick<LaunchSpec, 'start' | 'grace' | 'writable'> & Partial<Pick<LaunchSpec, 'settings' | 'ordinal'>>;
  /** Names of the exported variables that the instance gets. A value never stands on a command line. */
  variables: string[];
  /** Those of them whose value comes as a file. */
  files?: string[];
  mark: Mark;
}

/**
 * A cloud. All calls are idempotent: they look first and act second, what carries the mark is adopted, and two
 * copies of one call at once end with one object. A failed call throws {@link ProviderError} and nothing else.
 */
export interface Provider {
  readonly name: string;
  /** Makes the image of these inputs, or finds it. Same inputs, no second bake. */
  bake(order: BakeOrder, call: Call): Promise<Reply<Image>>;
  /**
   * Starts one instance under the mark, or finds it; ready when its own health check passes. Faults: `unhealthy`
   * when it does not within `spec.health.within`, `exited`, `unknown image`, `port in use`.
   * Does not remove what it made when it fails: `terminate` does.
   */
  launch(order: LaunchOrder, call: Call): Promise<Reply<Instance>>;
  /** What is so now. Never throws for an instance that is gone. */
  inspect(instance: Instance, health: Pick<HealthCheck, 'path' | 'by'>, call: Call): Promise<InstanceReport>;
  /** The instance's last lines of output, oldest first. */
  logs(instance: Instance, lines: number, call: Call): Promise<string[]>;
  /** Ends it: SIGTERM, then by force after `grace`. Ready when it is gone; gone already is fine. */
  terminate(id: string, grace: Millis, call: Call): Promise<Reply<void>>;
  /** Whether it is there, and still what was baked, by its digest. Never throws for an image that is gone. */
  inspectImage(image: Image, call: Call): Promise<ImageReport>;
  /**
   * Lets it be used wherever the provider's settings say, by others and elsewhere, and gives the names of its copies; an
   * image that is there for all already is ready at once. Fault `unknown image` when it is gone.
   */
  publish(image: Image, mark: Mark, call: Call): Promise<Reply<string[]>>;
  /** Removes it, and its copies before it; gone already is fine. */
  removeImage(id: string, call: Call): Promise<Reply<void>>;
  /** Everything that carries this owner's mark, whatever its state, with nothing left out. */
  list(owner: string, call: Call): Promise<Marked[]>;
  /** Whether an instance reads this secret itself, by its reference in `spec.settings`: then no worker reads it. */
  readsSecret(reference: string): boolean;
  /**
   * Lines of bash (see `script.ts`) that do what `launch` does when Bakery itself is what is broken: they start the
   * instance of this mark, or find it, and set `$instance` (its id) and `$address`. `list` shows it under its mark.
   * Health is waited for by whoever uses them.
   */
  launchScript(order: ScriptOrder): string[];
}

/** The one error of providers, balancers and commands. `cause` is the SDK's own. */
export class ProviderError extends Error {
  readonly fault: Fault;
  readonly lines: string[] | undefined;
  constructor(fault: Fault, sentence: string, options: { cause?: unknown; lines?: string[] } = {}) {
    super(sentence, { cause: options.cause });
    this.name = 'ProviderError';
    this.fault = fault;
    this.lines = options.lines;
  }
  get failure(): Failure {
    return {
      fault: this.fault,
      sentence: this.message,
      ...(this.lines === undefined ? {} : { lines: this.lines }),
    };
  }
}
