import type { WholeLedger } from '../ledger/whole.ts';
import type { Answer, PipelineCommand } from '../pipeline/domain/command.ts';
import { isDeploymentOver } from '../pipeline/domain/deployment.ts';
import { isOver } from '../pipeline/domain/release.ts';
import type { Button, PeopleMove } from './history.ts';
import { ada as by, commitOf } from './scene.ts';

/** The command that a move comes to, given what is there; undefined when there is nothing to press. */
export function commandOf(
  move: PeopleMove,
  ledger: WholeLedger,
  service: string,
): PipelineCommand | undefined {
  switch (move.do) {
    case 'push':
      return { do: 'request release', service, commit: commitOf(move.number, move.bad), by };
    case 'roll back': {
      const { environment, version } = move;
      return { do: 'roll back', service, environment, by, ...(version === undefined ? {} : { version }) };
    }
    case 'cancel release': {
      const release = pickOf(
        ledger.releases.filter((one) => !isOver(one)),
        move.pick,
      );
      return release && { do: 'cancel release', service, version: release.version, by };
    }
    case 'retry release': {
      const release = pickOf(
        ledger.releases.filter(({ state }) => state === 'failed'),
        move.pick,
      );
      return release && { do: 'retry release', service, version: release.version, stage: release.stage, by };
    }
    default:
      return press(move, ledger, service);
  }
}

function press(
  { do: button, pick }: { do: Button; pick: number },
  { deployments }: WholeLedger,
  service: string,
): PipelineCommand | undefined {
  const wanted = deployments.filter((one) => {
    if (button === 'retry') return one.state === 'failed';
    if (button === 'retire') return one.stage === 'retire' && !isDeploymentOver(one);
    if (button === 'cancel') return !isDeploymentOver(one);
    return one.wait?.for === 'approval';
  });
  const deployment = pickOf(wanted, pick);
  if (deployment === undefined) return undefined;
  const about = { service, deployment: deployment.id, by };
  switch (button) {
    case 'approve': {
      const { image, plan } = deployment;
      // Its repositories have one branch, and every commit is on it.
      const verified = { reachable: true };
      return { do: 'approve', ...about, image: image.digest, settings: plan.settings.digest, verified };
    }
    case 'reject':
      return { do: 'reject', ...about, reason: 'not today' };
    case 'cancel':
      return { do: 'cancel deployment', ...about };
    case 'retire':
      return { do: 'retire', ...about };
    case 'retry':
      return { do: 'retry deployment', ...about, stage: deployment.stage };
  }
}

const pickOf = <T>(from: T[], pick: number): T | undefined =>
  from[from.length - 1 - (pick % Math.max(1, from.length))];

/** What a person saw of a command. */
export const tellAnswer = (answer: Answer): string =>
  'refused' in answer ? `refused: ${answer.sentence}` : answer.sentence;
