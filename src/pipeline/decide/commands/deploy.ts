import { type Answer, isRefusal, type PipelineCommand, refuse } from '../../domain/command.ts';
import type { EnvironmentPolicy } from '../../domain/policy.ts';
import { differsFrom } from '../../domain/resettling.ts';
import { standingProblem } from '../../domain/standing.ts';
import { advance } from '../advance.ts';
import type { Draft } from '../draft.ts';
import { openIn, requestDeployment } from '../ladder.ts';
import { findEnvironment, findRelease } from './find.ts';

/** Puts a release in good standing into an environment; the one that is live there, when its settings or its count changed. */
export function deploy(draft: Draft, command: PipelineCommand & { do: 'deploy' }): Answer {
  const { service, version, environment, by } = command;
  const plan = findEnvironment(draft, environment);
  if (isRefusal(plan)) return plan;
  const no = draft.may(command, 'bake', environment);
  if (no !== undefined) return no;
  const release = findRelease(draft, version);
  if (isRefusal(release)) return release;
  if (release.image === undefined) {
    return refuse(
      'not in good standing',
      `${service} v${version} is ${release.state} and has no image to deploy.`,
    );
  }
  const there = alreadyThere(draft, plan, version);
  if (there !== undefined) return refuse('already there', there);
  const wanted = { service, environment, version, kind: 'release' as const, image: release.image };
  const standing = standingProblem(wanted, draft.facts);
  if (standing !== undefined) return refuse('not in good standing', standing);

  const deployment = requestDeployment(draft, {
    ...{ release, plan, kind: 'release', by },
    // Who names one service means it: it does not wait for the others of its group.
    ...(release.goesWith === undefined ? {} : { alone: true }),
  });
  advance(draft, { kind: 'deployment', service, environment, id: deployment, version });
  const anew = draft.facts.slots.get(environment)?.live?.version === version;
  const how = anew ? ', with the settings and the count of today' : '';
  return {
    accepted: true,
    version,
    deployment,
    sentence: `${service} v${version} is on its way to ${environment}${how}.`,
  };
}

function alreadyThere(draft: Draft, plan: EnvironmentPolicy, version: number): string | undefined {
  const environment = plan.name;
  const live = draft.facts.slots.get(environment)?.live;
  if (live?.version === version && !differsFrom(live, plan))
    return `v${version} is live in ${environment} already, with the settings and the count of today.`;
  const open = openIn(draft, environment).find(
    (other) =>
      other.version === version &&
      !other.wentLive &&
      (other.kind !== 'release' || isSamePlan(other.plan, plan)),
  );
  return open === undefined
    ? undefined
    : `v${version} is on its way to ${environment} already, at ${open.stage}.`;
}

const isSamePlan = (one: EnvironmentPolicy, other: EnvironmentPolicy): boolean =>
  one.settings.digest === other.settings.digest && one.count === other.count;
