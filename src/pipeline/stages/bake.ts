import type { Release } from '../domain/release.ts';
import { isLettingGo } from '../domain/retention.ts';
import { revocationOfBase, revokedInWords } from '../domain/revoked.ts';
import type { ReleaseStageRules } from './contract.ts';
import { passed } from './contract.ts';
import { order, releaseMark, releaseSubject } from './orders.ts';

export const bakeEffect = ({ service, version }: Release): string => `bake.${service}.v${version}`;

/** Makes the image from the package. The image is named by its inputs: the same inputs are not baked again. */
export const bake: ReleaseStageRules = {
  name: 'bake',
  doing: 'baking',
  next(release, context) {
    if (release.image !== undefined) return passed;
    const { generation, commit, package: built, file } = release;
    if (built === undefined || file === undefined) {
      return { is: 'failed', failure: { fault: 'bug', sentence: 'There is no package to bake.' } };
    }
    const revocation = revocationOfBase(file.recipe.base, context.facts.installation);
    if (revocation !== undefined) {
      const sentence = revokedInWords(`What is baked from ${file.recipe.base.slice(0, 100)}`, revocation);
      return { is: 'failed', failure: { fault: 'denied', sentence } };
    }
    // It is asked again when they have gone.
    if (isLettingGo(context.facts)) return { is: 'tasks', orders: [] };
    const effect = bakeEffect(release);
    return {
      is: 'tasks',
      orders: [
        order(
          {
            kind: 'bake',
            effect,
            generation,
            subject: releaseSubject(release),
            stage: 'bake',
            input: {
              provider: context.facts.policy.provider,
              package: built,
              recipe: file.recipe,
              sha: commit.sha,
              mark: releaseMark(release, effect, context),
            },
          },
          context,
        ),
      ],
    };
  },
  heard({ service, version }, heard) {
    return heard.kind === 'bake' ? [{ type: 'ImageBaked', service, version, ...heard.result }] : [];
  },
  // An image that was baked is kept: another release of the same inputs takes it.
  undo: () => [],
};
