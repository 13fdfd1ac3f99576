import type { Release } from '../domain/release.ts';
import { revocationOf, revokedInWords } from '../domain/revoked.ts';
import { writableOf } from '../domain/service-file.ts';
import type { TaskOrder } from '../domain/task.ts';
import type { ReleaseStageRules, StageContext } from './contract.ts';
import { passed } from './contract.ts';
import { order, releaseMark, releaseSubject } from './orders.ts';

export const candidateEffect = ({ service, version }: Release): string => `candidate.${service}.v${version}`;

/** Starts the instance that the release is verified on: of this image, with the verify environment's settings. */
export const candidate: ReleaseStageRules = {
  name: 'candidate',
  doing: 'starting the candidate',
  next(release, context) {
    if (release.candidate !== undefined) return passed;
    const { image, file, generation } = release;
    if (image === undefined || file === undefined) {
      return { is: 'failed', failure: { fault: 'bug', sentence: 'There is no image to start.' } };
    }
    const revocation = revocationOf(image, context.facts.installation);
    if (revocation !== undefined) {
      const sentence = revokedInWords('An image of the same inputs', revocation);
      return { is: 'failed', failure: { fault: 'denied', sentence } };
    }
    const effect = candidateEffect(release);
    return {
      is: 'tasks',
      orders: [
        order(
          {
            kind: 'launch',
            effect,
            generation,
            subject: releaseSubject(release),
            stage: 'candidate',
            input: {
              provider: image.provider,
              image,
              spec: {
                start: file.recipe.start,
                health: file.health,
                grace: file.grace,
                ...writableOf(file),
                settings: context.facts.policy.verify.values,
              },
              mark: releaseMark(release, effect, context),
            },
          },
          context,
        ),
      ],
    };
  },
  heard({ service, version }, heard) {
    return heard.kind === 'launch'
      ? [{ type: 'CandidateLaunched', service, version, instance: heard.result.instance }]
      : [];
  },
  undo: (release, context) => [removeCandidate(release, context, true)],
};

/** Ends the candidate, whether its launch was heard of or not. */
export function removeCandidate(release: Release, context: StageContext, undo: boolean): TaskOrder {
  return order(
    {
      kind: 'terminate',
      effect: `${undo ? 'undo' : 'end'}.${candidateEffect(release)}`,
      generation: release.generation,
      subject: releaseSubject(release),
      stage: undo ? 'candidate' : 'promote',
      undo,
      input: {
        provider: release.image?.provider ?? context.facts.policy.provider,
        owner: context.facts.owner,
        made: [{ effect: candidateEffect(release), generation: release.generation }],
        known: release.candidate === undefined ? [] : [release.candidate.id],
        grace: release.file?.grace ?? 10_000,
      },
    },
    context,
  );
}
