import type { Release } from '../domain/release.ts';
import type { TaskInputs } from '../domain/task.ts';
import type { ReleaseStageRules, StageContext } from './contract.ts';
import { passed } from './contract.ts';
import { order, releaseSubject } from './orders.ts';

/** Runs the candidate's own suites, and those of every live release: both run side by side for a while. */
export const verify: ReleaseStageRules = {
  name: 'verify',
  doing: 'verifying',
  next(release, context) {
    if (release.suites.length > 0) return passed;
    const { candidate, service, version, generation, file } = release;
    const parts = partsOf(release, context);
    if (parts.every((part) => part.suites.length === 0)) return { is: 'passed', skipped: true };
    if (candidate === undefined) {
      return { is: 'failed', failure: { fault: 'bug', sentence: 'There is no candidate to verify.' } };
    }
    const { repository, folder, access } = context.facts.policy;
    const input: TaskInputs['verify'] = {
      repository,
      ...(access === undefined ? {} : { access }),
      folder,
      parts,
      address: candidate.address,
      grace: file?.grace ?? 10_000,
    };
    const effect = `verify.${service}.v${version}`;
    return {
      is: 'tasks',
      orders: [
        order(
          { kind: 'verify', effect, generation, subject: releaseSubject(release), stage: 'verify', input },
          context,
        ),
      ],
    };
  },
  heard({ service, version }, heard) {
    return heard.kind === 'verify'
      ? [{ type: 'SuitesRun', service, version, suites: heard.result.suites }]
      : [];
  },
  undo: () => [],
};

function partsOf(release: Release, { facts }: StageContext): TaskInputs['verify']['parts'] {
  const live = new Set(
    [...facts.slots.values()].flatMap(({ live }) => (live === undefined ? [] : [live.version])),
  );
  live.delete(release.version);
  const beside = [...live]
    .sort((a, b) => b - a)
    .flatMap((version) => facts.releases.get(version) ?? [])
    .filter((other) => other.commit.sha !== release.commit.sha);
  return [release, ...beside].map(({ version, commit, file }) => ({
    version,
    sha: commit.sha,
    suites: file?.suites ?? [],
  }));
}
