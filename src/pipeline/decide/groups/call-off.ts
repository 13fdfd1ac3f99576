import { type Answer, isRefusal, type PipelineCommand, type Refusal, refuse } from '../../domain/command.ts';
import { mayServe } from '../../domain/deployment.ts';
import { type GroupRelease, isUnderWay } from '../../domain/group.ts';
import { deploymentSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import { cancelRelease } from '../commands/cancel.ts';
import { climb } from '../ladder.ts';
import { aboutGroup } from './about.ts';
import { end } from './end.ts';
import { findGroup, whereProblem } from './find.ts';
import type { GroupDraft } from './group-draft.ts';
import { seatsOf } from './seat.ts';
import { stepGroup } from './step.ts';

/** Stops all of it, as long as nothing of it has moved traffic where they go together. */
export function cancelGroup(draft: GroupDraft, command: PipelineCommand & { do: 'cancel group' }): Answer {
  const { service: group, version, by } = command;
  const row = findGroup(draft, version);
  if (isRefusal(row)) return row;
  const no = mayAll(draft, row, command);
  if (no !== undefined) return no;
  const where = row.environments.find((name) => row.runs[name] && isUnderWay(row.runs[name]));
  if (row.state !== 'open')
    return refuse('too late', `${group} v${version} is ${row.state}; there is nothing to cancel.`);
  const seats = where === undefined ? [] : seatsOf(draft, row, where);
  const moved = seats.find(({ deployment }) => deployment !== undefined && mayServe(deployment));
  if (moved !== undefined)
    return refuse(
      'too late',
      `Traffic of ${moved.service} moves already. To go back, use /rollback ${group}.`,
    );
  if (where !== undefined) {
    // It goes back by itself then: whoever has begun ends first.
    for (const { draft: member, deployment } of seats) {
      if (deployment?.state !== 'running') continue;
      member.emit({ type: 'DeploymentCancelRequested', ...aboutOf(deployment), by });
      member.stop(deploymentSubject(deployment));
      advance(member, deploymentSubject(deployment));
    }
  } else {
    for (const { service, version: its } of row.members) {
      const member = draft.member(service);
      if (member?.facts.releases.get(its)?.state === 'running')
        cancelRelease(member, { ...command, do: 'cancel release', service, version: its });
    }
    end(draft, row, 'cancelled', { by, why: 'it was cancelled' });
  }
  stepGroup(draft, version);
  return { accepted: true, version, sentence: `${group} v${version} is being cancelled.` };
}

/** Whoever decides for all of it needs the right for each. */
function mayAll(
  draft: GroupDraft,
  { members }: GroupRelease,
  command: PipelineCommand,
  environment?: string,
): Refusal | undefined {
  for (const { service } of members) {
    const no = draft.member(service)?.may(command, 'bake', environment);
    if (no !== undefined) return no;
  }
  return undefined;
}

/** Asks for all of it again, after it came to nothing there: by the rules of today, and with new approvals. */
export function deployGroup(draft: GroupDraft, command: PipelineCommand & { do: 'deploy group' }): Answer {
  const { service: group, version, environment, by } = command;
  const elsewhere = whereProblem(draft, environment);
  if (elsewhere !== undefined) return elsewhere;
  const row = findGroup(draft, version);
  if (isRefusal(row)) return row;
  const no = mayAll(draft, row, command, environment);
  if (no !== undefined) return no;
  const run = row.runs[environment];
  if (row.state === 'open' || row.state === 'finished')
    return refuse(
      'already there',
      `${group} v${version} is ${row.state === 'open' ? 'on its way' : 'there'} already. Its card shows how far it is.`,
    );
  const newer = draft.releases.find(({ number, state }) => number > version && state === 'open');
  if (newer !== undefined)
    return refuse('not in good standing', `${group} v${newer.number} has taken the place of v${version}.`);
  if (run === undefined || run.state === 'gathering')
    return refuse(
      'not in good standing',
      `${group} v${version} never was ready for ${environment}. \`/bake ${group} ${row.commit.sha.slice(0, 12)}\` releases its commit anew.`,
    );
  draft.emit({ type: 'GroupWantedAgain', ...aboutGroup(row), where: environment, by });
  const goesWith = { group, number: version, environments: row.environments };
  for (const { service, version: its } of row.members) {
    const member = draft.member(service);
    if (member === undefined) return refuse('unknown service', `There is no service ${service} any more.`);
    if (member.facts.slots.get(environment)?.live?.version === its) continue;
    member.emit({ type: 'ReleaseJoinedGroup', service, version: its, goesWith, by });
    const rungs = member.facts.policy.environments.map(({ name }) => name);
    climb(member, its, rungs[rungs.indexOf(environment) - 1]);
    const isThere = seatsOf(draft, draft.release(version) ?? row, environment).some(
      (seat) => seat.service === service && seat.deployment !== undefined,
    );
    if (!isThere)
      return refuse(
        'not in good standing',
        `${service} v${its} cannot go to ${environment} now: \`/bake deploy ${service} v${its} ${environment}\` says why.`,
      );
    advance(member, { kind: 'release', service, version: its });
  }
  stepGroup(draft, version);
  return {
    accepted: true,
    version,
    sentence: `${group} v${version} is asked for in ${environment} again.`,
  };
}
