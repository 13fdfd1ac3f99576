import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { ConfigFiles } from '../config/files.ts';
import { type Problem, printProblem } from '../config/problem.ts';
import { watchFiles } from '../config/watch-files.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Digest } from '../pipeline/domain/time.ts';

/** What differs between the files in force and those that were seen. */
export interface FilesChange {
  digest: Digest;
  changed: Record<string, Digest>;
  gone: string[];
  /** Parts of bot.yaml that are in force only after a start. */
  restart: string[];
}

/** A part of Bakery that lives by the files. */
export interface Taker {
  /** What keeps these files from being taken now. */
  hindrances?(next: Config): Promise<Problem[]>;
  /** Lives by these from now on, whole or not at all; again with the same is fine. */
  take(next: Config, change: FilesChange): Promise<void>;
  refused?(problems: Problem[], change: FilesChange): Promise<void>;
}

/** Read once, at the start: sockets, folders and connections that all else stands on. */
const onlyAtStart = [
  'name',
  'data',
  'store',
  'queue',
  'control',
  'slack',
  'http',
  'webhooks',
  'poll',
  'worker',
  'anchors',
  'traces',
] as const satisfies readonly (keyof Config)[];

/** A password in a URL is compared too, and told nowhere. Who may see traces counts at once. */
function plain(config: Config, key: (typeof onlyAtStart)[number]): unknown {
  if (key === 'queue') return [config.queue.kind, config.queue.url.reveal()];
  return key === 'traces' ? { ...config.traces, readers: [] } : config[key];
}

function changeBetween(started: Config, now: Config, files: Pick<ConfigFiles, 'digest' | 'digests'>) {
  const before = now.files.digests;
  const { digest, digests } = files;
  return {
    digest,
    changed: Object.fromEntries(Object.entries(digests).filter(([name, is]) => before[name] !== is)),
    gone: Object.keys(before).filter((name) => digests[name] === undefined),
    restartOf: (next: Config) =>
      onlyAtStart.filter((key) => !isDeepStrictEqual(plain(started, key), plain(next, key))),
  };
}

interface Parts {
  log: Logger;
  metrics: Pick<Metrics, 'filesRefused'>;
  every?: number;
}

/** The operators' files, kept in force while Bakery runs: the one place that knows what they say now. */
export class FilesInForce {
  #config: Config;
  readonly #started: Config;
  readonly #takers: Taker[] = [];
  readonly #watch;
  readonly #parts: Parts;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(config: Config, parts: Parts) {
    this.#config = config;
    this.#started = config;
    this.#parts = parts;
    this.#watch = watchFiles({
      dir: config.dir,
      inForce: config.files.digest,
      take: (next, files) => this.#take(next, files),
      refused: (problems, files) => this.#refused(problems, files),
    });
  }

  get config(): Config {
    return this.#config;
  }

  /** From now on this part lives by the files; `builtOf` is what it was built of, which may be older by now. */
  async add(taker: Taker, builtOf: Config): Promise<void> {
    this.#takers.push(taker);
    if (builtOf === this.#config) return;
    await taker.take(this.#config, this.#change(this.#config, builtOf));
  }

  /** Looks every two seconds. */
  start(): void {
    this.#timer = setInterval(() => void this.look(), this.#parts.every ?? 2_000);
  }

  /** Resolves when what was seen is in force or refused; `atOnce`: somebody says that the files are whole. */
  look(atOnce = false): Promise<void> {
    this.#looking = this.#watch
      .look(atOnce)
      .catch((error: unknown) =>
        this.#parts.log.error({ err: error }, 'the files could not be taken; it is tried again'),
      );
    return this.#looking;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #take(next: Config, files: ConfigFiles): Promise<Problem[]> {
    const problems = (await Promise.all(this.#takers.map((taker) => taker.hindrances?.(next) ?? []))).flat();
    if (problems.length > 0) return problems;
    const change = this.#change(next, this.#config, files);
    for (const taker of this.#takers) await taker.take(next, change);
    this.#config = next;
    this.#parts.metrics.filesRefused(0);
    const { changed, gone, restart } = change;
    this.#parts.log.info(
      { changed: Object.keys(changed), gone, restart },
      'the files are in force as they are',
    );
    return [];
  }

  async #refused(problems: Problem[], files: ConfigFiles): Promise<void> {
    this.#parts.metrics.filesRefused(problems.length);
    this.#parts.log.warn(
      { problems: problems.slice(0, 20).map(printProblem) },
      'the files are not right: what was in force before goes on',
    );
    const { restartOf: _, ...change } = changeBetween(this.#started, this.#config, files);
    for (const taker of this.#takers) await taker.refused?.(problems, { ...change, restart: [] });
  }

  #change(next: Config, before: Config, files: Pick<ConfigFiles, 'digest' | 'digests'> = next.files) {
    const { restartOf, ...change } = changeBetween(this.#started, before, files);
    return { ...change, restart: restartOf(next) };
  }
}
