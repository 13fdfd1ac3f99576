import { type Answer, isRefusal, type PipelineCommand, refuse } from '../../domain/command.ts';
import { standingProblem } from '../../domain/standing.ts';
import { advance } from '../advance.ts';
import type { Draft } from '../draft.ts';
import { openIn, requestDeployment } from '../ladder.ts';
import { findEnvironment, findRelease } from './find.ts';

/** Puts a release in good standing into an environment. */
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
  const there = alreadyThere(draft, environment, version);
  if (there !== undefined) return refuse('already there', there);
  const wanted = { service, environment, version, kind: 'release' as const, image: release.image };
  const standing = standingProblem(wanted, draft.facts);
  if (standing !== undefined) return refuse('not in good standing', standing);

  const deployment = requestDeployment(draft, { release, plan, kind: 'release', by });
  advance(draft, { kind: 'deployment', service, environment, id: deployment, version });
  return {
    accepted: true,
    version,
    deployment,
    sentence: `${service} v${version} is on its way to ${environment}.`,
  };
}

function alreadyThere(draft: Draft, environment: string, version: number): string | undefined {
  const slot = draft.facts.slots.get(environment);
  if (slot?.live?.version === version) return `v${version} is live in ${environment} already.`;
  const open = openIn(draft, environment).find((other) => other.version === version);
  return open === undefined
    ? undefined
    : `v${version} is on its way to ${environment} already, at ${open.stage}.`;
}
