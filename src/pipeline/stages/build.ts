import type { ReleaseStageRules } from './contract.ts';
import { passed } from './contract.ts';
import { order, releaseSubject } from './orders.ts';

/** Clones the exact commit, compiles it, runs its unit tests, and puts the package into the store. */
export const build: ReleaseStageRules = {
  name: 'build',
  doing: 'building',
  next(release, context) {
    if (release.package !== undefined) return passed;
    const { repository, folder } = context.facts.policy;
    const { service, version, generation, commit } = release;
    return {
      is: 'tasks',
      orders: [
        order(
          {
            kind: 'build',
            effect: `build.${service}.v${version}`,
            generation,
            subject: releaseSubject(release),
            stage: 'build',
            input: { repository, folder, sha: commit.sha, service, version },
          },
          context,
        ),
      ],
    };
  },
  heard({ service, version }, heard) {
    return heard.kind === 'build' ? [{ type: 'PackageBuilt', service, version, ...heard.result }] : [];
  },
  undo: () => [],
};
