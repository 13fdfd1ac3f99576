import type { Release } from '../domain/release.ts';
import type { TaskOrder } from '../domain/task.ts';
import { removeCandidate } from './candidate.ts';
import type { ReleaseStageRules, StageContext } from './contract.ts';
import { passed } from './contract.ts';
import { order, releaseMark, releaseSubject } from './orders.ts';

/**
 * All is green: the candidate is taken down, the image is published where others are to use it, and the release is
 * production ready.
 */
export const promote: ReleaseStageRules = {
  name: 'promote',
  doing: 'promoting',
  next(release, context) {
    const down = release.done.includes(`end.candidate.${release.service}.v${release.version}`)
      ? []
      : [removeCandidate(release, context, false)];
    const orders = [...down, ...publishing(release, context)];
    return orders.length === 0 ? passed : { is: 'tasks', orders };
  },
  heard({ service, version }, heard) {
    if (heard.kind === 'publish') return [{ type: 'ImagePublished', service, version, ...heard.result }];
    return heard.kind === 'terminate'
      ? [{ type: 'ReleaseStepDone', service, version, effect: heard.effect }]
      : [];
  },
  // Where an image may be used is harmless: it is nobody's who does not start it, and goes with the image.
  undo: () => [],
};

function publishing(release: Release, context: StageContext): TaskOrder[] {
  const { image, service, version, generation } = release;
  if (context.facts.policy.publishes !== true || image === undefined || image.copies !== undefined) return [];
  const effect = `publish.${service}.v${version}`;
  const input = { provider: image.provider, image, mark: releaseMark(release, effect, context) };
  const subject = releaseSubject(release);
  return [order({ kind: 'publish', effect, generation, subject, stage: 'promote', input }, context)];
}
