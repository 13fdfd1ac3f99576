import { removeCandidate } from './candidate.ts';
import type { ReleaseStageRules } from './contract.ts';
import { passed } from './contract.ts';

/** All is green: the candidate is taken down, and the release is production ready. */
export const promote: ReleaseStageRules = {
  name: 'promote',
  doing: 'promoting',
  next(release, context) {
    if (release.done.includes(`end.candidate.${release.service}.v${release.version}`)) return passed;
    return { is: 'tasks', orders: [removeCandidate(release, context, false)] };
  },
  heard({ service, version }, { kind, effect }) {
    return kind === 'terminate' ? [{ type: 'ReleaseStepDone', service, version, effect }] : [];
  },
  undo: () => [],
};
