import type { Actor } from './actor.ts';
import type { Approval, Deployment, DeploymentEnding, DeploymentStage, Serving, Wait } from './deployment.ts';
import type { Image, Package } from './image.ts';
import type { Instance } from './instance.ts';
import type { Commit, ReleaseStage, StageFailure, SuiteResult } from './release.ts';
import type { ServiceFile } from './service-file.ts';
import type { At, TextRef } from './time.ts';

type OfRelease<Type extends string, More = unknown> = { type: Type; service: string; version: number } & More;
type OfDeployment<Type extends string, More = unknown> = {
  type: Type;
  service: string;
  environment: string;
  version: number;
  deployment: string;
} & More;
type OfSlot<Type extends string, More = unknown> = { type: Type; service: string; environment: string } & More;

/** What happened to a release: the service's stream. */
export type ReleaseEvent =
  | OfRelease<'ReleaseRequested', { commit: Commit; by: Actor }>
  | OfRelease<'ReleaseStageBegan', { stage: ReleaseStage; generation: number }>
  | OfRelease<'PackageBuilt', { package: Package; file: ServiceFile }>
  | OfRelease<'ImageBaked', { image: Image }>
  | OfRelease<'CandidateLaunched', { instance: Instance }>
  | OfRelease<'SuitesRun', { suites: SuiteResult[] }>
  | OfRelease<'ReleaseStagePassed', { stage: ReleaseStage }>
  | OfRelease<'ReleaseStageFailed', { failure: StageFailure }>
  | OfRelease<'ReleaseCancelRequested', { by: Actor }>
  | OfRelease<'ReleaseOvertaken', { newer: number }>
  | OfRelease<'ReleaseUndoBegan'>
  | OfRelease<'ReleaseEnded', { as: 'failed' | 'cancelled' | 'superseded' }>
  | OfRelease<'ReleaseRetried', { by: Actor; stage: ReleaseStage; generation: number }>
  | OfRelease<'ReleasePromoted'>;

/** What happened in a slot: its own stream. */
export type SlotEvent =
  | OfDeployment<'DeploymentRequested', { made: Omit<Deployment, 'state' | 'stage' | 'stages'> }>
  | OfDeployment<'DeploymentStageBegan', { stage: DeploymentStage; generation: number }>
  | OfDeployment<'DeploymentStagePassed', { stage: DeploymentStage; skipped: boolean }>
  | OfDeployment<'DeploymentStageFailed', { failure: StageFailure }>
  | OfDeployment<'DeploymentWaits', { wait: Wait }>
  | OfDeployment<'DeploymentApproved', { approval: Approval }>
  | OfDeployment<'DeploymentRejected', { by: Actor; reason: TextRef }>
  | OfDeployment<'DeploymentCancelRequested', { by: Actor }>
  | OfDeployment<'DeploymentOvertaken', { by: string; as: DeploymentEnding }>
  | OfDeployment<'LeaseTaken', { epoch: number; old?: Serving; older?: Serving }>
  | OfDeployment<'LeaseReleased', { epoch: number }>
  | OfDeployment<'OlderRetired'>
  | OfDeployment<'InstancesLaunched', { instances: Instance[]; warm: boolean }>
  | OfDeployment<'TrafficShifted', { share: number }>
  | OfDeployment<'WentLive', { serving: Serving; left?: Serving; production: boolean; rollback: boolean }>
  | OfDeployment<'TrafficMeasured', { requests: number; failed: number }>
  | OfDeployment<'RetireRequested', { by: Actor }>
  | OfDeployment<'RetireCommitted'>
  | OfDeployment<'OldRetired', { version: number }>
  | OfDeployment<'DeploymentUndoBegan'>
  | OfDeployment<'TrafficReturned', { serving: Serving }>
  | OfDeployment<'SlotEmptied'>
  | OfDeployment<'DeploymentEnded', { as: DeploymentEnding }>
  | OfDeployment<'DeploymentRetried', { by: Actor; stage: DeploymentStage; generation: number }>
  | OfDeployment<'DeploymentFinished'>
  | OfDeployment<'ReleaseQuarantined', { environments: string[]; left: number }>
  | OfSlot<'InstancesLost', { lost: string[] }>
  | OfSlot<'InstanceReplaced', { lost: string; instance: Instance }>;

export type Event = ReleaseEvent | SlotEvent;

/** An event with when and by whose doing, as `evolve` sees it. */
export interface Happened<E extends Event = Event> {
  event: E;
  at: At;
}

/** Which stream an event belongs to. */
export function streamOf(event: Event): string {
  return 'environment' in event ? slotStream(event.service, event.environment) : serviceStream(event.service);
}

export const serviceStream = (service: string): string => `service/${service}`;
export const slotStream = (service: string, environment: string): string => `slot/${service}/${environment}`;
