import { type Deployment, isDeploymentOver } from '../../pipeline/domain/deployment.ts';
import type { Release, ReleaseStage } from '../../pipeline/domain/release.ts';
import type { Slot } from '../../pipeline/domain/slot.ts';
import type { StageState } from '../../pipeline/domain/stage-record.ts';
import { waitsForApproval } from './buttons.ts';

/** A state in a few words, with the sign that stands beside them. */
export interface Words {
  sign: string;
  words: string;
}

export const stageSigns: Record<StageState, string> = {
  waiting: '⚪',
  running: '🔄',
  passed: '✅',
  skipped: '➖',
  failed: '❌',
  cancelled: '⏹️',
};

const atWork: Record<ReleaseStage, string> = {
  build: 'building',
  bake: 'baking its image',
  candidate: 'starting a candidate',
  verify: 'being verified',
  promote: 'being made production ready',
};

/** What a release is doing, before it is production ready; after that, `production ready`. */
export function releaseWords(release: Release): Words {
  switch (release.state) {
    case 'running':
      return { sign: '🔄', words: atWork[release.stage] };
    case 'stopping':
      return release.endsAs === 'failed'
        ? { sign: '❌', words: `failed in ${failedStage(release)}` }
        : { sign: '⏹️', words: 'stopping' };
    case 'undoing':
      return release.endsAs === 'failed'
        ? { sign: '❌', words: `failed in ${failedStage(release)}` }
        : { sign: '⏹️', words: 'cleaning up' };
    case 'production ready':
      return { sign: '✅', words: 'production ready' };
    case 'failed':
      return { sign: '❌', words: `failed in ${failedStage(release)}` };
    case 'cancelled':
      return { sign: '⏹️', words: 'cancelled' };
    case 'superseded':
      return {
        sign: '⏭️',
        words: release.supersededBy === undefined ? 'superseded' : `superseded by v${release.supersededBy}`,
      };
  }
}

const failedStage = (release: Release): string => release.failure?.stage ?? release.stage;

/** What a deployment is doing in its environment. `slot` tells whether it is what is live there now. */
export function deploymentWords(deployment: Deployment, slot: Slot | undefined): Words {
  const where = deployment.environment;
  const back = deployment.kind === 'rollback';
  switch (deployment.state) {
    case 'running':
      return runningWords(deployment);
    case 'stopping':
      return deployment.failure === undefined
        ? { sign: '⏹️', words: `stopping in ${where}` }
        : { sign: '❌', words: `failed in ${where} (${deployment.failure.stage})` };
    case 'undoing':
      return deployment.failure === undefined
        ? { sign: '⏹️', words: `being undone in ${where}` }
        : { sign: '❌', words: `failed in ${where}, going back` };
    case 'finished':
      if (slot?.live?.deployment === deployment.id) {
        return { sign: '✅', words: back ? `rolled back, live in ${where}` : `live in ${where}` };
      }
      return { sign: '✔️', words: `was live in ${where}` };
    case 'failed':
      return { sign: '❌', words: `failed in ${where} (${deployment.failure?.stage ?? deployment.stage})` };
    case 'went back':
      return {
        sign: '↩️',
        words: `failed in ${where}, went back${deployment.old === undefined ? '' : ` to v${deployment.old.version}`}`,
      };
    case 'cancelled':
      return { sign: '⏹️', words: `cancelled for ${where}` };
    case 'rejected':
      return { sign: '⛔', words: `rejected for ${where}` };
    case 'expired':
      return { sign: '⌛', words: `not approved in time for ${where}` };
    case 'overtaken':
      return { sign: '⏭️', words: `overtaken in ${where}${overtaker(deployment)}` };
  }
}

const overtaker = ({ overtakenByVersion: version }: Deployment): string =>
  version === undefined ? '' : ` by v${version}`;

function runningWords(deployment: Deployment): Words {
  const where = deployment.environment;
  if (waitsForApproval(deployment)) return { sign: '✋', words: `waits for approval for ${where}` };
  if (deployment.wait?.for === 'freeze')
    return { sign: '🧊', words: `waits for the end of a freeze in ${where}` };
  if (deployment.wait?.for === 'lock') return { sign: '🔒', words: `waits for a lock to end in ${where}` };
  if (deployment.wait?.for === 'turn') return { sign: '⏳', words: `waits behind an older one in ${where}` };
  if (deployment.wait?.for === 'group') return { sign: '🧩', words: `waits for its group to go to ${where}` };
  if (deployment.wait?.for === 'slot') return { sign: '⏳', words: `waits for its turn in ${where}` };
  switch (deployment.stage) {
    case 'approve':
      return { sign: '🔄', words: `getting ready for ${where}` };
    case 'migrate':
      return { sign: '🗃️', words: `changing the database of ${where}` };
    case 'launch':
      return { sign: '🔄', words: deployment.warm ? `already runs in ${where}` : `starting in ${where}` };
    case 'cut-over':
      return { sign: '🔀', words: `taking traffic in ${where} (${deployment.share} %)` };
    case 'soak':
      return { sign: '👀', words: `live in ${where}, being watched` };
    case 'retire':
      return deployment.retireRequestedBy === undefined && deployment.wait?.for === 'retire'
        ? { sign: '✅', words: `live in ${where}` }
        : { sign: '✅', words: `live in ${where}, the old one is leaving` };
  }
}

/** Something runs, so that the elapsed times on the card grow old. A wait is told by its end and does not. */
export const deploymentMoves = (deployment: Deployment): boolean =>
  !isDeploymentOver(deployment) && (deployment.state !== 'running' || deployment.wait === undefined);
