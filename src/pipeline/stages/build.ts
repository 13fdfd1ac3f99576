import type { ReleaseStageRules } from './contract.ts';
import { passed } from './contract.ts';
import { order, releaseMark, releaseSubject } from './orders.ts';

/** Clones the exact commit, compiles it, runs its unit tests, and puts the package into the store. */
export const build: ReleaseStageRules = {
  name: 'build',
  doing: 'building',
  next(release, context) {
    if (release.package !== undefined) return passed;
    const { repository, folder, access, buildSecrets } = context.facts.policy;
    const { service, version, generation, commit, submitted } = release;
    const effect = `build.${service}.v${version}`;
    const mark = releaseMark(release, effect, context);
    return {
      is: 'tasks',
      orders: [
        order(
          {
            kind: 'build',
            effect,
            generation,
            subject: releaseSubject(release),
            stage: 'build',
            input: {
              repository,
              folder,
              sha: commit.sha,
              service,
              version,
              mark,
              ...(access === undefined ? {} : { access }),
              ...(buildSecrets === undefined || submitted !== undefined ? {} : { secrets: buildSecrets }),
              ...(submitted === undefined ? {} : { submitted }),
            },
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
