import type { Image } from '../domain/image.ts';
import type { Release } from '../domain/release.ts';
import { revocationOf, revokedInWords } from '../domain/revoked.ts';
import { type ServiceFile, writableOf } from '../domain/service-file.ts';
import type { TaskOrder } from '../domain/task.ts';
import type { ReleaseStageRules, StageContext } from './contract.ts';
import { passed } from './contract.ts';
import { migrationOf } from './migrate.ts';
import { order, releaseMark, releaseSubject } from './orders.ts';

/** Brings the database of the verify environment to what the candidate needs. */
export const candidateMigration = (release: Release): string => `migrate.${candidateEffect(release)}`;

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
    if (file.migrate !== undefined && release.candidateMigrated !== true)
      return { is: 'tasks', orders: [migration(release, { image, file, migrate: file.migrate }, context)] };
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
    if (heard.kind === 'migrate') return [{ type: 'CandidateMigrated', service, version }];
    return heard.kind === 'launch'
      ? [{ type: 'CandidateLaunched', service, version, instance: heard.result.instance }]
      : [];
  },
  undo: (release, context) => [removeCandidate(release, context, true)],
};

const migrationsOf = (release: Release): string[] =>
  release.file?.migrate === undefined ? [] : [candidateMigration(release)];

function migration(
  release: Release,
  { image, file, migrate }: { image: Image; file: ServiceFile; migrate: NonNullable<ServiceFile['migrate']> },
  context: StageContext,
): TaskOrder {
  const effect = candidateMigration(release);
  const mark = releaseMark(release, effect, context);
  const { values } = context.facts.policy.verify;
  return order(
    {
      kind: 'migrate',
      effect,
      generation: release.generation,
      subject: releaseSubject(release),
      stage: 'candidate',
      longer: migrate.timeout,
      input: migrationOf(file, migrate, { provider: image.provider, image, mark, values }),
    },
    context,
  );
}

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
        made: [candidateEffect(release), ...migrationsOf(release)].map((effect) => ({
          effect,
          generation: release.generation,
        })),
        known: release.candidate === undefined ? [] : [release.candidate.id],
        grace: release.file?.grace ?? 10_000,
      },
    },
    context,
  );
}
