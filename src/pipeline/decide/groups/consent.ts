import { askedToday } from '../../domain/asked-today.ts';
import { type Answer, isRefusal, type PipelineCommand, type Refusal, refuse } from '../../domain/command.ts';
import { missing } from '../../domain/consent.ts';
import { activeRung, type GroupRelease } from '../../domain/group.ts';
import { whatOf } from '../../domain/group-what.ts';
import { approve, reject } from '../commands/approval.ts';
import { findGroup } from './find.ts';
import type { GroupDraft } from './group-draft.ts';
import { heldBy, isAskedFor, isBeforeItsEnd, type Seat, seatsOf } from './seat.ts';
import { stepGroup } from './step.ts';

type Approve = PipelineCommand & { do: 'approve group' };

/**
 * A person's yes to all of it: counted for each service for which his counts, by that service's own rules. Nothing begins
 * before every one of them has what it asks for.
 */
export function approveGroup(draft: GroupDraft, command: Approve): Answer {
  const { service: group, version, environment, what, found = {} } = command;
  const asked = askedFor(draft, command);
  if (isRefusal(asked)) return asked;
  if (whatOf(asked.all) !== what)
    return refuse(
      'stale',
      'This card is out of date: an image or settings have changed. Look at the card again.',
    );
  const held = asked.all.map((seat) => heldBy(seat, environment)).find((why) => why !== undefined);
  if (held !== undefined)
    return refuse('not in good standing', `What holds one of them holds ${group} v${version}. ${held}`);
  const refusals = new Map<string, Refusal>();
  for (const { service, deployment, draft: member } of asked.seats) {
    if (deployment === undefined) continue;
    const answer = approve(
      member,
      {
        ...{ do: 'approve', service, deployment: deployment.id, by: command.by },
        ...{ image: deployment.image.digest, settings: deployment.plan.settings.digest },
        verified: { ...command.verified, ...found[service] },
      },
      'together',
    );
    if (isRefusal(answer)) refusals.set(service, { ...answer, sentence: `${service}: ${answer.sentence}` });
  }
  // Where his yes does not count somebody else's is needed; what speaks against the release itself speaks against all.
  const [first] = refusals.values();
  if (first !== undefined && refusals.size === asked.seats.length) return first;
  stepGroup(draft, version);
  const still = seatsOf(draft, asked.row, environment)
    .filter(isAskedFor)
    .map((seat) => refusals.get(seat.service)?.sentence ?? whatIsMissing(seat));
  const rest = still.length === 0 ? '' : ` Still to be agreed to: ${still.join(' ')}`;
  return {
    accepted: true,
    version,
    sentence: `You approved ${group} v${version} for ${environment}.${rest}`,
  };
}

function whatIsMissing({ service, deployment, draft }: Seat): string {
  const more = deployment && missing(askedToday(deployment, draft.facts.policy));
  return `${service}: ${more ?? 'nothing.'}`;
}

/** A person's no, by who may say yes to any of them: it is a no to all. */
export function rejectGroup(draft: GroupDraft, command: PipelineCommand & { do: 'reject group' }): Answer {
  const { service: group, version, environment, by, reason, verified } = command;
  const asked = askedFor(draft, command);
  if (isRefusal(asked)) return asked;
  if (reason.trim() === '') return refuse('bad input', 'A rejection needs a reason.');
  const refusals: Refusal[] = [];
  for (const { service, deployment, draft: member } of asked.seats) {
    if (deployment === undefined) continue;
    const order = { do: 'reject', service, deployment: deployment.id, reason, by } as const;
    const answer = reject(member, { ...order, ...(verified === undefined ? {} : { verified }) }, 'together');
    if (!isRefusal(answer)) {
      stepGroup(draft, version);
      return { accepted: true, version, sentence: `You rejected ${group} v${version} for ${environment}.` };
    }
    refusals.push(answer);
  }
  return refusals[0] ?? refuse('already decided', `Nothing of ${group} v${version} waits for a word.`);
}

interface AskedFor {
  row: GroupRelease;
  /** Those that somebody has to agree to. */
  seats: Seat[];
  all: Seat[];
}

function askedFor(
  draft: GroupDraft,
  { service: group, version, environment }: Pick<Approve, 'service' | 'version' | 'environment'>,
): AskedFor | Refusal {
  const row = findGroup(draft, version);
  if (isRefusal(row)) return row;
  const run = row.runs[environment];
  const all = seatsOf(draft, row, environment);
  const seats = all.filter(isAskedFor);
  if (activeRung(row) === environment && isBeforeItsEnd(run) && seats.length > 0) return { row, seats, all };
  if (run === undefined || run.state === 'gathering')
    return refuse(
      'too early',
      `Not all of ${group} v${version} are ready for ${environment} yet. Its card asks when they are.`,
    );
  return refuse(
    'already decided',
    `Nothing of ${group} v${version} waits for a word in ${environment}: it is ${run.state}.`,
  );
}
