import { looksLikeSha } from '../pipeline/domain/ref.ts';
import type { Repositories } from '../pipeline/repositories.ts';
import type { RepositoryCache } from './cache.ts';

/**
 * Whether anything below these paths differs between two commits, whatever lies between them. What cannot be told, for
 * example since a branch was rewritten, counts as a difference: a release too many is better than one that is missing.
 */
export const gitTouches =
  (cache: RepositoryCache): Repositories['touches'] =>
  ({ repository, from, to, paths }) =>
    cache.alone(repository, async () => {
      if (!looksLikeSha(from) || !looksLikeSha(to)) return true;
      // A pattern has to fit the whole path of a file: what lies below a folder is another one.
      const wanted = paths.flatMap((path) => [
        `:(top,glob)${path}`,
        `:(top,glob)${path.replace(/\/+$/, '')}/**`,
      ]);
      const argv = [
        'diff-tree',
        '-r',
        '--quiet',
        '--no-renames',
        '--end-of-options',
        from,
        to,
        '--',
        ...wanted,
      ];
      const end = await cache.ask(repository, argv);
      return end.exit !== 0;
    });
