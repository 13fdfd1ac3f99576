import { looksLikeSha } from '../pipeline/domain/ref.ts';
import type { Repositories } from '../pipeline/repositories.ts';
import type { RepositoryCache } from './cache.ts';

/** Of some commits, which lie behind another one; what cannot be told, since the copy has no such commit, is left out. */
export const gitAncestors =
  (cache: RepositoryCache): Repositories['ancestors'] =>
  ({ repository, of, among }) =>
    cache.alone(repository, async () => {
      const known: Record<string, boolean> = {};
      if (!looksLikeSha(of)) return known;
      for (const sha of among) {
        if (!looksLikeSha(sha)) continue;
        const argv = ['merge-base', '--is-ancestor', '--end-of-options', sha, of];
        const { exit } = await cache.ask(repository, argv);
        // git-merge-base(1): 0 it is, 1 it is not, and anything else an error.
        if (exit === 0 || exit === 1) known[sha] = exit === 0;
      }
      return known;
    });
