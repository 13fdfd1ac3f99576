import { isRef, looksLikeSha } from '../pipeline/domain/ref.ts';
import { ProviderError } from '../pipeline/provider.ts';
import type { CommitLog, Repositories } from '../pipeline/repositories.ts';
import { gitAncestors } from './ancestors.ts';
import { type PrivateRepositories, type RepositoryCache, repositoryCache } from './cache.ts';
import { clean } from './clean.ts';
import { gitCommitLog } from './commit-log.ts';
import { gitTouches } from './touches.ts';

type Found = Awaited<ReturnType<Repositories['find']>>;

export interface GitOptions {
  /** A folder for bare copies. May be deleted at any time. */
  cacheDir: string;
  /** What git may know of the process's environment: PATH, HOME, SSH_AUTH_SOCK, proxies. */
  env?: Readonly<Record<string, string>>;
  /** How long one look at a remote may take, in milliseconds; 30 s when left out. */
  limit?: number;
  /** When a copy was last asked for is told by it. */
  now?: () => number;
  /** How private ones are read. */
  closed?: PrivateRepositories;
}

/** What a branch of a remote points to; undefined when it has no such branch. */
export type BranchHead = (order: { repository: string; branch: string }) => Promise<string | undefined>;

/**
 * Repositories looked up with git, never through a shell, and no ref reaches git that could be an option. Throws
 * ProviderError `repository gone` and `unknown commit`. Concurrent looks at one repository wait for each other.
 */
export function gitRepositories(options: GitOptions): Repositories & CommitLog & { branchHead: BranchHead } {
  const cache = repositoryCache(
    options.cacheDir,
    options.env ?? {},
    options.limit,
    options.now,
    options.closed,
  );
  return {
    ...gitCommitLog(cache),
    touches: gitTouches(cache),
    ancestors: gitAncestors(cache),
    find: ({ repository, ref, service }) =>
      cache.alone(repository, async () => {
        if (!isRef(ref)) throw notARef(ref, service);
        const known = looksLikeWhole(ref) ? await readCommit(cache, repository, ref) : undefined;
        if (known !== undefined) return { ...known, ref, isTag: false };
        await cache.fetch(repository);
        const found = await resolve(cache, repository, ref);
        if (found === undefined) throw unknown(ref, service);
        return found;
      }),
    reachable: ({ repository, sha, branch, service }) =>
      cache.alone(repository, async () => {
        if (!isRef(branch)) throw notARef(branch, service);
        if (!looksLikeSha(sha)) throw notARef(sha, service);
        await cache.fetch(repository);
        const head = `refs/heads/${branch}`;
        const end = await cache.ask(repository, [
          'merge-base',
          '--is-ancestor',
          '--end-of-options',
          sha,
          head,
        ]);
        return end.exit === 0;
      }),
    async branchHead({ repository, branch }) {
      if (!isRef(branch)) throw notARef(branch, 'the poll');
      const wanted = `refs/heads/${branch}`;
      const text = await cache.remote(repository, [
        'ls-remote',
        '--refs',
        '--end-of-options',
        repository,
        wanted,
      ]);
      const line = text.split('\n').find((one) => one.endsWith(`\t${wanted}`));
      return line?.split('\t')[0];
    },
  };
}

/** A branch, then a tag, then a commit's id. */
async function resolve(cache: RepositoryCache, repository: string, ref: string): Promise<Found | undefined> {
  for (const [name, isTag] of [
    [`refs/heads/${ref}`, false],
    [`refs/tags/${ref}`, true],
  ] as const) {
    const commit = await readCommit(cache, repository, name);
    if (commit !== undefined) return { ...commit, ref, isTag };
  }
  const commit = looksLikeSha(ref) ? await readCommit(cache, repository, ref) : undefined;
  return commit && { ...commit, ref, isTag: false };
}

async function readCommit(
  cache: RepositoryCache,
  repository: string,
  name: string,
): Promise<Omit<Found, 'ref' | 'isTag'> | undefined> {
  const format = '--format=%H%x00%s%x00%an%x00%ae';
  const end = await cache.ask(repository, [
    'log',
    '-1',
    '--no-show-signature',
    format,
    '--end-of-options',
    `${name}^{commit}`,
    '--',
  ]);
  if (end.exit !== 0) return undefined;
  const [sha = '', ...words] = end.stdout.split('\0');
  if (!looksLikeWhole(sha)) return undefined;
  const [subject = '', author = '', email = ''] = words.map(clean);
  return { sha, subject, author, email };
}

const looksLikeWhole = (ref: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(ref);

const unknown = (ref: string, service: string): ProviderError =>
  new ProviderError(
    'unknown commit',
    `The repository of ${service} has no branch, tag or commit \`${ref}\`, or more than one commit begins so; nothing was begun; name another, or push it first.`,
  );

const notARef = (ref: string, service: string): ProviderError =>
  new ProviderError(
    'unknown commit',
    `\`${clean(ref).slice(0, 80)}\` cannot be a branch, a tag or a commit of ${service}; git was not asked; correct it.`,
  );
