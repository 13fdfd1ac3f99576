import { type Deployment, mayServe } from '../../pipeline/domain/deployment.ts';
import { groupOf } from '../../pipeline/domain/gate.ts';
import type { Release } from '../../pipeline/domain/release.ts';
import type { SlotView } from '../../pipeline/views.ts';
import type { Button } from './button.ts';
import { oneLine, shortDigest } from './format.ts';
import { goBackButton } from './go-back-button.ts';

/** The buttons of a release itself that can be used now. */
export function releaseButtons(release: Release): Button[] {
  const { service, version } = release;
  const name = `${service} v${version}`;
  if (release.state === 'running') {
    return [
      {
        id: 'cancel-release',
        label: 'Cancel',
        says: `Cancel ${name}`,
        value: { service, version },
        confirm: {
          title: `Cancel ${name}?`,
          text: `What it has made so far is removed. Nothing that is live changes.${withGroup(release.goesWith)}`,
          yes: 'Cancel it',
          no: 'Let it go on',
        },
      },
    ];
  }
  if (release.state === 'failed' && release.failure !== undefined) {
    const stage = release.failure.stage;
    return [
      {
        id: 'retry-release',
        label: 'Retry from here',
        says: `Retry ${name} from ${stage}`,
        value: { service, version, stage },
        style: 'primary',
      },
    ];
  }
  return [];
}

/** One of a group is cancelled with all of it: said before it is done. */
const withGroup = (goesWith: Release['goesWith']): string =>
  goesWith === undefined || goesWith.over === true
    ? ''
    : ` *All of ${oneLine(goesWith.group, 60)} v${goesWith.number}* is called off with it.`;

/** The buttons of a deployment that can be used now; `release`: whose tests a yes is shown with. */
export function deploymentButtons(
  deployment: Deployment,
  slot: SlotView | undefined,
  release?: Pick<Release, 'suites'> & Partial<Pick<Release, 'goesWith'>>,
): Button[] {
  return [
    ...decisionButtons(deployment, release),
    ...giveWayButtons(deployment),
    ...retireButton(deployment, slot),
    ...goBackButton(deployment, slot),
    ...cancelButton(deployment, release),
    ...retryButton(deployment, release),
  ];
}

export const waitsForApproval = (deployment: Deployment): boolean =>
  deployment.state === 'running' && deployment.stage === 'approve' && deployment.wait?.for === 'approval';

function decisionButtons(deployment: Deployment, release: Pick<Release, 'suites'> | undefined): Button[] {
  if (!waitsForApproval(deployment)) return [];
  const { service, version, environment } = deployment;
  const value = {
    service,
    deployment: deployment.id,
    image: deployment.image.digest,
    settings: deployment.plan.settings.digest,
  };
  const name = `${service} v${version}`;
  return [
    {
      id: 'approve',
      label: 'Approve',
      says: `Approve ${name} for ${environment}`,
      value,
      style: 'primary',
      confirm: {
        title: `Approve ${name}?`,
        text: `*${oneLine(name, 60)}* goes to *${oneLine(environment, 40)}* with image \`${shortDigest(deployment.image.digest)}\` and settings \`${shortDigest(deployment.plan.settings.digest)}\`, ${testedInWords(release)}. Its traffic moves as soon as it is healthy there.`,
        yes: `Approve v${version}`,
        no: 'Not yet',
      },
    },
    { id: 'reject', label: 'Reject…', says: `Reject ${name} for ${environment}`, value, style: 'danger' },
  ];
}

/** The test run that a yes is bound to. */
function testedInWords(release: Pick<Release, 'suites'> | undefined): string {
  const suites = release?.suites ?? [];
  const passed = suites.reduce((sum, suite) => sum + suite.passed, 0);
  const all = suites.reduce((sum, suite) => sum + suite.passed + suite.failed, 0);
  return all === 0 ? 'as tested last' : `${passed} of ${all} tests passed`;
}

/** Ends a lock; only its holder is shown it, and only he may. */
export const unlockButton = (service: string, environment: string): Button => ({
  id: 'unlock',
  label: 'Unlock',
  says: `Unlock ${service} in ${environment}`,
  value: { service, environment },
});

/** Where an older one waits for approval too: what becomes of it. */
function giveWayButtons(deployment: Deployment): Button[] {
  const { olderWaits, gaveWay, service, version, id } = deployment;
  if (!waitsForApproval(deployment) || olderWaits === undefined || gaveWay !== undefined) return [];
  const older = `v${olderWaits.version}`;
  const value = { service, deployment: id };
  return [
    {
      id: 'give-way-replace',
      label: `Replace ${older}`,
      says: `End ${service} ${older} in favour of v${version}`,
      value,
    },
    {
      id: 'give-way-queue',
      label: `Queue behind ${older}`,
      says: `Let ${service} v${version} wait until ${older} is decided`,
      value,
    },
    {
      id: 'give-way-keep',
      label: 'Keep both',
      says: `Let ${service} ${older} and v${version} both wait`,
      value,
    },
  ];
}

function retireButton(deployment: Deployment, slot: SlotView | undefined): Button[] {
  const waits =
    deployment.state === 'running' &&
    deployment.stage === 'retire' &&
    deployment.wait?.for === 'retire' &&
    deployment.retireRequestedBy === undefined &&
    deployment.retiringSince === undefined;
  const old = slot?.beside ?? deployment.old;
  if (!waits || old === undefined) return [];
  const { service, environment, id } = deployment;
  return [
    {
      id: 'retire',
      label: `Retire old (v${old.version})`,
      says: `Retire ${service} v${old.version} in ${environment}`,
      value: { service, deployment: id },
      style: 'primary',
      confirm: {
        title: `Retire ${service} v${old.version}?`,
        text: `Its instances in *${oneLine(environment, 40)}* finish their requests and stop. Going back to v${old.version} then takes a new start from its image, not seconds.`,
        yes: `Retire v${old.version}`,
        no: 'Keep it for now',
      },
    },
  ];
}

function cancelButton(deployment: Deployment, release: Partial<Pick<Release, 'goesWith'>> = {}): Button[] {
  const beforeTraffic =
    deployment.state === 'running' &&
    !mayServe(deployment) &&
    (deployment.stage === 'approve' ||
      deployment.stage === 'migrate' ||
      deployment.stage === 'launch' ||
      deployment.stage === 'cut-over');
  if (!beforeTraffic) return [];
  const { service, version, environment, id } = deployment;
  return [
    {
      id: 'cancel-deployment',
      label: 'Cancel',
      says: `Cancel ${service} v${version} for ${environment}`,
      value: { service, deployment: id },
      confirm: {
        title: `Cancel v${version} for ${environment}?`,
        text: `What is live in *${oneLine(environment, 40)}* stays as it is. What was started for v${version} is removed.${withGroup(groupOf(deployment, release))}`,
        yes: 'Cancel it',
        no: 'Let it go on',
      },
    },
  ];
}

function retryButton(deployment: Deployment, release: Partial<Pick<Release, 'goesWith'>> = {}): Button[] {
  if (deployment.state !== 'failed' || deployment.failure === undefined) return [];
  // It is asked for again with the others of its group.
  if (groupOf(deployment, release) !== undefined && !deployment.wentLive) return [];
  const { service, version, environment, id } = deployment;
  const stage = deployment.failure.stage;
  return [
    {
      id: 'retry-deployment',
      label: 'Retry from here',
      says: `Retry ${service} v${version} in ${environment} from ${stage}`,
      value: { service, deployment: id, stage },
      style: 'primary',
    },
  ];
}
