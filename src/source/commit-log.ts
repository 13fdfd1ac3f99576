import { looksLikeSha } from '../pipeline/domain/ref.ts';
import { ProviderError } from '../pipeline/provider.ts';
import type { CommitLog } from '../pipeline/repositories.ts';
import type { RepositoryCache } from './cache.ts';
import { clean } from './clean.ts';

/** What lies between two commits, out of the copy; the remote is asked only when the copy lacks one of them. */
export function gitCommitLog(cache: RepositoryCache): CommitLog {
  return {
    between: (order) =>
      cache.alone(order.repository, async () => {
        if (!looksLikeSha(order.from) || !looksLikeSha(order.to))
          throw new ProviderError('unknown commit', 'These are no commits; git was not asked.');
        const found = await read(cache, order);
        if (found !== undefined) return found;
        await cache.fetch(order.repository);
        const again = await read(cache, order);
        if (again !== undefined) return again;
        const sentence = `The repository of ${order.service} lacks one of the two commits. Nothing was changed.`;
        throw new ProviderError('unknown commit', sentence);
      }),
  };
}

type Order = Parameters<CommitLog['between']>[0];

async function read(
  cache: RepositoryCache,
  { repository, folder, from, to, most }: Order,
): Promise<Awaited<ReturnType<CommitLog['between']>> | undefined> {
  const path = folder === '.' ? [] : ['--', folder];
  const format = '--format=%H%x00%s%x00%an';
  const options = ['--no-show-signature', '--no-color', format, '-z'];
  const range = ['--end-of-options', to, `^${from}`, ...path];
  const counted = await cache.ask(repository, ['rev-list', '--count', ...range]);
  if (counted.exit !== 0) return undefined;
  const total = Number(counted.stdout.trim());
  if (total === 0) return { lines: [], total };
  const listed = await cache.ask(repository, ['log', `--max-count=${most}`, ...options, ...range]);
  if (listed.exit !== 0) return undefined;
  const words = listed.stdout.split('\0');
  const lines = Array.from({ length: Math.floor(words.length / 3) }, (_, index) => {
    const [sha = '', subject = '', author = ''] = words.slice(index * 3, index * 3 + 3);
    return { sha, subject: clean(subject), author: clean(author) };
  });
  return { lines, total };
}
