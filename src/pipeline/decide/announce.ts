import { cardKeyOfDeployment, cardKeyOfRelease } from '../domain/card.ts';
import { type Deployment, isDeploymentOver } from '../domain/deployment.ts';
import { type Event, isOfInstallation, isTrail } from '../domain/event.ts';
import { type GroupEvent, isOfGroup } from '../domain/group-event.ts';
import { isOver, type Release } from '../domain/release.ts';
import type { Slot } from '../domain/slot.ts';

/** A card by what it shows. */
export type CardOf = { release: number } | { deployment: string };

export const cardKey = (service: string, card: CardOf): string =>
  'release' in card ? cardKeyOfRelease(service, card.release) : cardKeyOfDeployment(card.deployment);

/** The card that a deployment is drawn on: its own, or its release's until that is live in production. */
export const cardOfDeployment = ({ ownCard, id, version }: Deployment): CardOf =>
  ownCard ? { deployment: id } : { release: version };

/** Which card an event belongs to. */
export function cardOf(event: Event, deployment: (id: string) => Deployment | undefined): CardOf | undefined {
  if (isTrail(event) || isOfInstallation(event) || isOfGroup(event)) return undefined;
  if (!('environment' in event)) return 'version' in event ? { release: event.version } : undefined;
  if (!('deployment' in event)) return undefined;
  const row = deployment(event.deployment);
  return row === undefined ? undefined : cardOfDeployment(row);
}

/** Cards whose buttons change because something else is live now, or because of a lock. */
export function neighbours(event: Event, slot: Slot | undefined): string[] {
  if (event.type === 'SlotLocked' || event.type === 'SlotUnlocked') return slot?.open ?? [];
  if (!moves.has(event.type)) return [];
  return [slot?.live?.deployment, slot?.beside?.deployment].filter((id) => id !== undefined);
}

const moves = new Set<Event['type']>([
  'WentLive',
  'RetireCommitted',
  'TrafficReturned',
  'DeploymentRequested',
]);

/** Events that a card's thread tells, once each. Everything else is seen on the card. */
const told = new Set<Event['type']>([
  'ReleaseRequested',
  'ReleaseOvertaken',
  'SuitesRun',
  'ReleaseStageFailed',
  'ReleaseCancelRequested',
  'ReleaseRetried',
  'ReleaseHookFailed',
  'ReleaseLeftOver',
  'ReleasePromoted',
  'DeploymentRequested',
  'DeploymentWaits',
  'DeploymentApproved',
  'DeploymentRejected',
  'DeploymentExpired',
  'DeploymentStageFailed',
  'DeploymentCancelRequested',
  'DeploymentOvertaken',
  'DeploymentRetried',
  'DeploymentHookFailed',
  'DeploymentLeftOver',
  'TurnedCold',
  'MigrationDone',
  'OldStopped',
  'WentLive',
  'ProbesAnswered',
  'TrafficReturned',
  'RetireRequested',
  'RetireRefused',
  'OldRetired',
  'ReleaseQuarantined',
  'ApprovalsVoided',
  'MoreApprovalsAsked',
  'DeploymentAskedAgain',
  'DeploymentReminded',
  'DeploymentOverridden',
  'DeploymentGaveWay',
  'QuarantineLifted',
  'OutputRead',
  'OutputNotRead',
]);

/** Whether it asks people to say yes or no: what is told of it is over when that is decided. */
export const isAsking = (event: Event): event is Event & { type: 'DeploymentWaits' | 'DeploymentReminded' } =>
  event.type === 'DeploymentReminded' || (event.type === 'DeploymentWaits' && event.wait.for === 'approval');

/** Events after which nobody is asked any more, or somebody else, or anew. */
const answers = new Set<Event['type']>([
  'DeploymentApproved',
  'DeploymentRejected',
  'DeploymentCancelRequested',
  'DeploymentExpired',
  'DeploymentOvertaken',
  'DeploymentOverridden',
  'DeploymentStageFailed',
  'DeploymentStagePassed',
  'DeploymentAskedAgain',
  'ApprovalsVoided',
  'MoreApprovalsAsked',
]);

/** Whether what was asked of people about this deployment may be over by it. */
export const answersWhatWasAsked = (
  event: Event,
): event is Extract<Event, { deployment: string; environment: string }> =>
  answers.has(event.type) && (event.type !== 'DeploymentStagePassed' || event.stage === 'approve');

/** Events after which a deployment is drawn for its thread: it was watched with all traffic, or it went back. */
export const isPictured = (event: Event): boolean =>
  (event.type === 'DeploymentStagePassed' && event.stage === 'soak') ||
  (event.type === 'DeploymentEnded' && event.as === 'went back');

/** Events that the channel is told of outside any card. */
const noticed = new Set<Event['type']>([
  'InstancesLost',
  'RepairsStopped',
  'ReaperStopped',
  'LedgerReconciled',
  'SlotLocked',
  'SlotUnlocked',
  'LockNagged',
  'InstallationClaimed',
  'FreezeOrdered',
  'FreezeLifted',
  'ImageRevoked',
  'StandbyLost',
  'RescueFound',
  'FilesRefused',
]);

export const isNoticed = (event: Event): boolean =>
  noticed.has(event.type) || (event.type === 'FilesTaken' && event.atStart !== true);

export const isTold = (event: Event): boolean => told.has(event.type);

/** Events that the thread of a group's card tells, once each. */
const toldOfGroup = new Set<GroupEvent['type']>([
  'GroupReleaseRequested',
  'GroupAsked',
  'GroupReminded',
  'GroupBegan',
  'GroupMemberDone',
  'GroupFinished',
  'GroupEnded',
  'GroupGoingBack',
  'GroupMemberBack',
  'GroupMemberStays',
  'GroupWentBack',
  'GroupWantedAgain',
  'GroupOver',
]);

/** Whether it asks people about all services of a group at once. */
export const isAskingForGroup = ({ type }: GroupEvent): boolean =>
  type === 'GroupAsked' || type === 'GroupReminded';

/** Events after which nobody is asked about a group's release any more, or anew. */
const answersOfGroup = new Set<GroupEvent['type']>([
  'GroupBegan',
  'GroupEnded',
  'GroupGoingBack',
  'GroupWantedAgain',
  'GroupOver',
]);

export const answersWhatGroupAsked = ({ type }: GroupEvent): boolean => answersOfGroup.has(type);

export const isToldOfGroup = ({ type }: GroupEvent): boolean => toldOfGroup.has(type);

/** Whether a release's card is right for good, as far as its own row tells. */
export const isReleaseCardFinal = (release: Release): boolean =>
  release.closedAt !== undefined || (isOver(release) && release.state !== 'production ready');

export const isDeploymentCardFinal = isDeploymentOver;
