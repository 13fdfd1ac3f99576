import { settingsProblems } from '../domain/settings-check.ts';
import type { DeploymentStageRules } from './contract.ts';
import { passed, skipped } from './contract.ts';

/** Settings are checked first, so that nobody is asked about what cannot start; then a person says yes. */
export const approve: DeploymentStageRules = {
  name: 'approve',
  doing: 'waiting for approval',
  next(deployment, { facts }) {
    const file = facts.releases.get(deployment.version)?.file;
    if (file !== undefined) {
      const others = facts.policy.environments.filter(({ name }) => name !== deployment.environment);
      const problems = settingsProblems({ file, environment: deployment.plan, others });
      if (problems.length > 0) {
        const sentence = `The settings of ${deployment.environment} do not fit: ${problems.join(' ')} Nothing was launched.`;
        return { is: 'failed', failure: { fault: 'bad settings', sentence } };
      }
    }
    if (deployment.kind !== 'release' || deployment.plan.promotion === 'auto') return skipped;
    if (deployment.approvals.length >= deployment.plan.approvals) return passed;
    const since = deployment.stages.approve.beganAt ?? deployment.requestedAt;
    return {
      is: 'wait',
      wait: { for: 'approval', owner: 'approvers', since, until: since + deployment.plan.approveWithin },
    };
  },
  heard: () => [],
  undo: () => [],
};
