import { checksProblem } from '../../domain/checks.ts';
import { type Answer, isRefusal, type PipelineCommand, refuse } from '../../domain/command.ts';
import type { Deployment, Lifted, Override } from '../../domain/deployment.ts';
import { freezeOf } from '../../domain/freeze.ts';
import { tooOldForDatabase } from '../../domain/migration.ts';
import type { Release } from '../../domain/release.ts';
import { standingProblem } from '../../domain/standing.ts';
import { deploymentSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import type { Draft } from '../draft.ts';
import { hasBegun, openIn, requestDeployment } from '../ladder.ts';
import { findEnvironment, findRelease } from './find.ts';

type Command = PipelineCommand & { do: 'override' };

/**
 * Puts the rules that people made aside for one release in one environment, with a reason: approvals, a freeze, a
 * lock, quarantine, where the commit comes from, the rung below. What no override lifts: a revoked image, tests that
 * were not green, an older version than what is live.
 */
export function override(draft: Draft, command: Command): Answer {
  const { service, version, environment } = command;
  const plan = findEnvironment(draft, environment);
  if (isRefusal(plan)) return plan;
  const no = draft.may(command, 'override', environment);
  if (no !== undefined) return no;
  if (command.reason.trim() === '') return refuse('bad input', 'An override needs a reason, in quotes.');
  const release = findRelease(draft, version);
  if (isRefusal(release)) return release;
  if (release.image === undefined) {
    return refuse(
      'not in good standing',
      `${service} v${version} is ${release.state} and has no image to deploy.`,
    );
  }
  const wanted = { service, environment, version, kind: 'release' as const, image: release.image };
  const made = overrideOf(draft, command, release);
  const standing = standingProblem({ ...wanted, override: made }, draft.facts);
  if (standing !== undefined) return refuse('not in good standing', standing);
  if (draft.facts.slots.get(environment)?.live?.version === version) {
    return refuse('already there', `v${version} is live in ${environment} already.`);
  }
  const open = openIn(draft, environment).find((one) => one.version === version && one.state === 'running');
  if (open !== undefined && hasBegun(open)) {
    return refuse('already there', `v${version} is on its way to ${environment} already, at ${open.stage}.`);
  }
  const id = open?.id ?? requestDeployment(draft, { release, plan, kind: 'release', by: command.by });
  const deployment = draft.facts.deployments.get(id);
  if (deployment === undefined) throw new Error(`the deployment ${id} was just asked for and is not there`);
  put(draft, deployment, made, release);
  return {
    accepted: true,
    version,
    deployment: id,
    sentence: `🚨 ${service} v${version} goes to ${environment} by override${made.lifts.length === 0 ? '' : ` (put aside: ${made.lifts.join(', ')})`}. It is told in the channel and listed in /bake overrides ${service}.`,
  };
}

function put(draft: Draft, deployment: Deployment, made: Override, release: Release): void {
  const about = aboutOf(deployment);
  if (release.quarantined[deployment.environment] !== undefined) {
    draft.emit({ type: 'QuarantineLifted', ...about, by: made.by });
  }
  draft.emit({ type: 'DeploymentOverridden', ...about, override: made });
  advance(draft, deploymentSubject(deployment));
}

/** Whether its migration leaves what is live without a database that it works with. */
function shutsOut({ facts }: Draft, environment: string, { version, file }: Release): boolean {
  const live = facts.slots.get(environment)?.live;
  const floor = file?.migrate?.rollbackTo ?? 0;
  return live !== undefined && live.version !== version && live.version < floor;
}

function overrideOf(
  draft: Draft,
  { by, reason, environment, verified }: Command,
  release: Release,
): Override {
  const { facts, now } = draft;
  const rungs = facts.policy.environments;
  const index = rungs.findIndex(({ name }) => name === environment);
  const [plan, below] = [rungs[index], rungs[index - 1]];
  const was = below === undefined ? 'live' : release.standings[below.name]?.standing;
  const stood: [Lifted, boolean][] = [
    ['approvals', plan?.promotion === 'approval'],
    ['quarantine', release.quarantined[environment] !== undefined],
    ['freeze', freezeOf(facts, environment, now) !== undefined],
    ['lock', facts.slots.get(environment)?.lock !== undefined],
    ['branch', verified?.reachable === false],
    [
      'checks',
      facts.policy.checks !== undefined &&
        checksProblem(facts.policy.checks.required, verified?.checks ?? []) !== undefined,
    ],
    [
      'database',
      tooOldForDatabase(facts.slots.get(environment)?.floor, release.version, environment) !== undefined ||
        shutsOut(draft, environment, release),
    ],
    ['rung below', was === undefined || was === 'pending' || was === 'rolled back'],
  ];
  return {
    by,
    at: now,
    reason: draft.text(reason.trim()),
    lifts: stood.flatMap(([what, stands]) => (stands ? [what] : [])),
  };
}
