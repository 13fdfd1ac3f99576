import type { ActionsBlock } from '@slack/types';
import type { Deployment } from '../../pipeline/domain/deployment.ts';
import type { Release } from '../../pipeline/domain/release.ts';
import type { Slot } from '../../pipeline/domain/slot.ts';
import { type ButtonValue, encode } from './button-value.ts';
import { oneLine, shortDigest } from './format.ts';

/** Every action id that a button of ours can have: what the bot listens to. */
export const buttonIds = [
  'approve',
  'reject',
  'cancel-release',
  'cancel-deployment',
  'retire',
  'roll-back',
  'retry-release',
  'retry-deployment',
  'bake-ref',
  'choose-environment',
  'deploy',
  'give-way-replace',
  'give-way-queue',
  'give-way-keep',
  'unlock',
] as const;
export type ButtonId = (typeof buttonIds)[number];

export interface Button {
  id: ButtonId;
  label: string;
  value: ButtonValue;
  /** What a screen reader says: names service and version. */
  says: string;
  style?: 'primary' | 'danger';
  confirm?: { title: string; text: string; yes: string; no: string };
}

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
          text: 'What it has made so far is removed. Nothing that is live changes.',
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

/** The buttons of a deployment that can be used now. */
export function deploymentButtons(deployment: Deployment, slot: Slot | undefined): Button[] {
  return [
    ...decisionButtons(deployment),
    ...giveWayButtons(deployment),
    ...retireButton(deployment, slot),
    ...goBackButton(deployment, slot),
    ...cancelButton(deployment),
    ...retryButton(deployment),
  ];
}

export const waitsForApproval = (deployment: Deployment): boolean =>
  deployment.state === 'running' && deployment.stage === 'approve' && deployment.wait?.for === 'approval';

function decisionButtons(deployment: Deployment): Button[] {
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
        text: `*${oneLine(name, 60)}* goes to *${oneLine(environment, 40)}* with image \`${shortDigest(deployment.image.digest)}\` and settings \`${shortDigest(deployment.plan.settings.digest)}\`, as tested last. Its traffic moves as soon as it is healthy there.`,
        yes: `Approve v${version}`,
        no: 'Not yet',
      },
    },
    { id: 'reject', label: 'Reject…', says: `Reject ${name} for ${environment}`, value, style: 'danger' },
  ];
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

function retireButton(deployment: Deployment, slot: Slot | undefined): Button[] {
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

/** Where going back would lead from here; undefined when there is nothing to go back to, or it is not the way. */
export function goBackTo(
  deployment: Deployment,
  slot: Slot | undefined,
): { version: number; warm: boolean } | undefined {
  const old = deployment.old;
  if (old === undefined || deployment.kind === 'rollback' || old.version > deployment.version)
    return undefined;
  if (old.version === deployment.version && !hasOtherSettings(deployment, slot)) return undefined;
  if (deployment.retiringSince !== undefined && deployment.state === 'running') return undefined;
  const runsStill = slot?.beside?.version === old.version || slot?.live?.version === old.version;
  const moving = deployment.state === 'running' && deployment.stage === 'cut-over' && deployment.share > 0;
  const live =
    slot?.live?.deployment === deployment.id &&
    (deployment.state === 'finished' ||
      (deployment.state === 'running' && (deployment.stage === 'soak' || deployment.stage === 'retire')));
  return moving || live ? { version: old.version, warm: runsStill } : undefined;
}

/** Whether the same release still runs with other settings than this deployment brings. */
const hasOtherSettings = ({ plan, anew }: Deployment, slot: Slot | undefined): boolean =>
  anew === true &&
  [slot?.live, slot?.beside].some(
    (one) => one !== undefined && one.settings !== '' && one.settings !== plan.settings.digest,
  );

function goBackButton(deployment: Deployment, slot: Slot | undefined): Button[] {
  const to = goBackTo(deployment, slot);
  if (to === undefined) return [];
  const { service, environment, anew } = deployment;
  const button = rollBackButton(service, to.version, environment, to.warm);
  return [anew === true ? toSettingsBefore(button, service, to.version, environment) : button];
}

/** The same button where the release stays and its settings go. */
const toSettingsBefore = (button: Button, service: string, version: number, environment: string): Button => ({
  ...button,
  label: `Roll back settings of ${environment}`,
  says: `Roll back ${service} v${version} in ${environment} to the settings before`,
  confirm: {
    title: `Roll back the settings of ${environment}?`,
    text: `*${oneLine(service, 60)} v${version}* still runs with the settings it had before: all traffic of *${oneLine(environment, 40)}* moves back to it, which takes seconds. The operators' files stay as they are.`,
    yes: 'Roll back settings',
    no: 'Leave it as it is',
  },
});

/** The button that rolls an environment back to a version; its dialog says what will happen. */
export function rollBackButton(service: string, version: number, environment: string, warm: boolean): Button {
  return {
    id: 'roll-back',
    label: `Roll back ${environment} to v${version}`,
    says: `Roll back ${service} to v${version} in ${environment}`,
    value: { service, version, environment },
    style: 'danger',
    confirm: {
      title: `Roll ${environment} back to v${version}?`,
      text: warm
        ? `*${oneLine(service, 60)} v${version}* still runs: all traffic of *${oneLine(environment, 40)}* moves back to it, which takes seconds. The release it leaves is quarantined.`
        : `*${oneLine(service, 60)} v${version}* is started from its original image, with no new build, and takes the traffic of *${oneLine(environment, 40)}* once it is healthy. The release it leaves is quarantined.`,
      yes: `Roll back to v${version}`,
      no: 'Leave it as it is',
    },
  };
}

function cancelButton(deployment: Deployment): Button[] {
  const beforeTraffic =
    deployment.state === 'running' &&
    deployment.share === 0 &&
    (deployment.stage === 'approve' || deployment.stage === 'launch' || deployment.stage === 'cut-over');
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
        text: `What is live in *${oneLine(environment, 40)}* stays as it is. What was started for v${version} is removed.`,
        yes: 'Cancel it',
        no: 'Let it go on',
      },
    },
  ];
}

function retryButton(deployment: Deployment): Button[] {
  if (deployment.state !== 'failed' || deployment.failure === undefined) return [];
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

type Element = Extract<ActionsBlock['elements'][number], { type: 'button' }>;

/** Block Kit's own shape of a button. */
export function draw(button: Button): Element {
  return {
    type: 'button',
    action_id: button.id,
    text: { type: 'plain_text', text: button.label },
    value: encode(button.value),
    accessibility_label: button.says,
    ...(button.style === undefined ? {} : { style: button.style }),
    ...(button.confirm === undefined
      ? {}
      : {
          confirm: {
            title: { type: 'plain_text', text: button.confirm.title },
            text: { type: 'mrkdwn', text: button.confirm.text },
            confirm: { type: 'plain_text', text: button.confirm.yes },
            deny: { type: 'plain_text', text: button.confirm.no },
            ...(button.style === undefined ? {} : { style: button.style }),
          },
        }),
  };
}
