import { type Answer, isRefusal, type PipelineCommand, refuse } from '../../domain/command.ts';
import type { Deployment } from '../../domain/deployment.ts';
import { deploymentSubject } from '../../stages/orders.ts';
import { advance } from '../advance.ts';
import { aboutOf } from '../advance-deployment.ts';
import type { Draft } from '../draft.ts';
import { keepsItsPlace, openIn, overtake } from '../ladder.ts';
import { findDeployment, stateInWords } from './find.ts';

/** What becomes of an older release that waits for approval too, now that a newer one does: a person says so. */
export function giveWay(draft: Draft, command: PipelineCommand & { do: 'give way' }): Answer {
  const newer = findDeployment(draft, command.deployment);
  if (isRefusal(newer)) return newer;
  const no = draft.may(command, 'bake', newer.environment);
  if (no !== undefined) return no;
  if (newer.state !== 'running' || newer.stage !== 'approve') {
    return refuse('too late', `There is nothing to choose any more: ${stateInWords(newer)}.`);
  }
  const older = olderWaiting(draft, newer);
  const [next] = older;
  if (next === undefined) return refuse('nothing to do', 'Nothing older waits there any more.');
  const { choice, by } = command;
  draft.emit({ type: 'DeploymentGaveWay', ...aboutOf(newer), choice, to: next.id, by });
  if (choice === 'replace') for (const one of older) overtake(draft, one, newer.id, newer.version);
  advance(draft, deploymentSubject(newer));
  const names = older.map(({ version }) => `v${version}`).join(', ');
  return { accepted: true, sentence: said[choice](names, `v${newer.version}`) };
}

const said = {
  replace: (older: string, newer: string) => `${newer} takes the place of ${older}, which will not go live.`,
  queue: (older: string, newer: string) => `${newer} waits until ${older} is decided.`,
  keep: (older: string, newer: string) => `${older} and ${newer} both wait for approval.`,
};

/** Older ones that wait in the same slot and have not begun, newest first. */
const olderWaiting = (draft: Draft, { environment, version }: Deployment): Deployment[] =>
  openIn(draft, environment)
    .filter(
      (one) =>
        one.version < version && one.state === 'running' && !keepsItsPlace(one) && one.kind === 'release',
    )
    .toSorted((a, b) => b.version - a.version);
