import { approve } from './approve.ts';
import { bake } from './bake.ts';
import { build } from './build.ts';
import { candidate } from './candidate.ts';
import type { DeploymentStageRules, ReleaseStageRules } from './contract.ts';
import { cutOver } from './cut-over.ts';
import { launch } from './launch.ts';
import { migrate } from './migrate.ts';
import { promote } from './promote.ts';
import { retire } from './retire.ts';
import { soak } from './soak.ts';
import { verify } from './verify.ts';

/** How a commit becomes production ready, in order. */
export const releaseProcess: readonly ReleaseStageRules[] = [build, bake, candidate, verify, promote];

/** How a release is put into a slot, in order. A rollback goes the same way. */
export const deploymentProcess: readonly DeploymentStageRules[] = [
  approve,
  migrate,
  launch,
  cutOver,
  soak,
  retire,
];

export function releaseRules(name: string): ReleaseStageRules {
  return find(releaseProcess, name);
}

export function deploymentRules(name: string): DeploymentStageRules {
  return find(deploymentProcess, name);
}

function find<Rules extends { name: string }>(process: readonly Rules[], name: string): Rules {
  const rules = process.find((stage) => stage.name === name);
  if (rules === undefined) throw new Error(`There is no stage ${name}.`);
  return rules;
}
