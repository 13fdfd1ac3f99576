import { type Answer, isRefusal, type PipelineCommand, type Refusal, refuse } from '../../domain/command.ts';
import type { Deployment, Lifted, Serving } from '../../domain/deployment.ts';
import { tooOldForDatabase } from '../../domain/migration.ts';
import type { EnvironmentPolicy } from '../../domain/policy.ts';
import type { Release } from '../../domain/release.ts';
import { servesOn } from '../../domain/relief.ts';
import { revocationOf, revokedInWords } from '../../domain/revoked.ts';
import { named } from '../../domain/rights.ts';
import type { Slot } from '../../domain/slot.ts';
import { because, byWhom, imageGone } from '../../domain/standing.ts';
import type { At } from '../../domain/time.ts';
import { advance } from '../advance.ts';
import { aboutOf, quarantine } from '../advance-deployment.ts';
import type { Draft } from '../draft.ts';
import { goesBackTo, withSettingsBefore } from '../go-back.ts';
import { openIn, overtake, requestDeployment } from '../ladder.ts';
import { ago } from './done-by.ts';
import { findEnvironment, findRelease } from './find.ts';

/**
 * Brings an earlier release back. It does not wait: whatever is in flight in the slot is overtaken, and it starts
 * from what the balancer reads back. What was left is quarantined.
 */
export function rollBack(draft: Draft, command: PipelineCommand & { do: 'roll back' }): Answer {
  const plan = findEnvironment(draft, command.environment);
  if (isRefusal(plan)) return plan;
  return draft.may(command, 'rollback', command.environment) ?? goBackAs(draft, command, plan);
}

/** The same once it is allowed: by a person's right, or because the others of its group go back. */
export function goBackAs(draft: Draft, command: Command, plan: EnvironmentPolicy): Answer {
  const { service, environment, by, reason } = command;
  const slot = draft.facts.slots.get(environment);
  if (slot?.live === undefined) {
    return refuse(
      'nothing to do',
      `Nothing of ${service} is live in ${environment}, so there is nothing to go back from.`,
    );
  }
  const version =
    command.version ?? withSettingsBefore(slot)?.version ?? goesBackTo(draft.facts, slot)?.version;
  if (version === undefined) {
    return refuse('never went live', `No earlier version of ${service} was live in ${environment}.`);
  }
  const release = findRelease(draft, version);
  if (isRefusal(release)) return release;
  const tooOld = tooOldForDatabase(slot.floor, version, environment);
  const reasonWhyNot =
    refusal(draft, release, plan, slot) ??
    whileQuarantined(draft, release, command) ??
    (tooOld === undefined ? undefined : pastMigration(draft, version, command, tooOld));
  if (reasonWhyNot !== undefined) return reasonWhyNot;

  const running = stillRunning(draft, slot, version);
  // What runs keeps its settings, also should it have to be started again.
  const settings = running && draft.facts.deployments.get(running.deployment)?.plan.settings;
  const asItRan = settings === undefined ? plan : { ...plan, settings };
  const deployment = takeOver(draft, release, asItRan, { by, ...(reason === undefined ? {} : { reason }) });
  putAside(draft, release, deployment, command, tooOld);
  advance(draft, { kind: 'deployment', service, environment, id: deployment, version });
  const how =
    running === undefined
      ? 'It is started again from its image, with the settings of today.'
      : 'It still runs, with the settings it was started with, so only traffic has to move.';
  return {
    accepted: true,
    version,
    deployment,
    sentence: `Going back to ${service} v${version} in ${environment}. ${how}${tooOld === undefined ? '' : ` 🚨 By override: ${tooOld}`}`,
  };
}

type Command = PipelineCommand & { do: 'roll back' };

/** The same for a rollback that failed and is to be tried again: its quarantine stands in its way too. */
export const goingBackProblem = (
  draft: Draft,
  release: Release,
  plan: EnvironmentPolicy,
  slot: Slot,
): Refusal | undefined =>
  refusal(draft, release, plan, slot) ??
  quarantineProblem(release, plan.name) ??
  databaseProblem(slot, release.version, plan.name);

/** What was rolled back itself is gone back to only by who may override, with a reason. */
function whileQuarantined(draft: Draft, release: Release, command: Command): Refusal | undefined {
  const { environment, reason = '' } = command;
  const problem = quarantineProblem(release, environment);
  if (problem === undefined || reason.trim() === '') return problem;
  return draft.may(command, 'override', environment) === undefined ? undefined : problem;
}

function databaseProblem(slot: Slot, version: number, environment: string): Refusal | undefined {
  const tooOld = tooOldForDatabase(slot.floor, version, environment);
  return tooOld === undefined ? undefined : refuse('not in good standing', tooOld);
}

function quarantineProblem(release: Release, environment: string): Refusal | undefined {
  const { service } = release;
  const quarantine = release.quarantined[environment];
  if (quarantine === undefined) return undefined;
  const v = `v${release.version}`;
  return refuse(
    'not in good standing',
    `${v} was rolled back from ${environment} itself${byWhom(quarantine)} and is in quarantine there${because(quarantine)}. Who may override can go back to it with a reason: /rollback ${service} ${v} ${environment} "reason".`,
  );
}

/**
 * What does not work with the database any more is gone back to only by who may override and says that he knows: a
 * reason alone could be one that was typed before anybody had read this.
 */
function pastMigration(draft: Draft, version: number, command: Command, tooOld: string): Refusal | undefined {
  const { service, environment, anyway, reason = '' } = command;
  const mayPass = anyway === true && reason.trim() !== '';
  if (mayPass && draft.may(command, 'override', environment) === undefined) return undefined;
  return refuse(
    'not in good standing',
    `${tooOld} Nothing was changed. Who may override can go back to v${version} all the same: /rollback ${service} v${version} ${environment} anyway "reason".`,
  );
}

/** Puts down what was put aside for this rollback, and by whom. */
function putAside(
  draft: Draft,
  release: Release,
  id: string,
  { environment, by, reason = '' }: Command,
  tooOld: string | undefined,
): void {
  const made = draft.facts.deployments.get(id);
  const wasQuarantined = release.quarantined[environment] !== undefined;
  if (made === undefined || (!wasQuarantined && tooOld === undefined)) return;
  const about = aboutOf(made);
  if (wasQuarantined) draft.emit({ type: 'QuarantineLifted', ...about, by });
  const lifts: Lifted[] = [
    ...(wasQuarantined ? (['quarantine'] as const) : []),
    ...(tooOld === undefined ? [] : (['database'] as const)),
  ];
  const warning = tooOld === undefined ? {} : { warning: draft.text(tooOld) };
  const override = { by, at: draft.now, reason: draft.text(reason.trim()), lifts, ...warning };
  draft.emit({ type: 'DeploymentOverridden', ...about, override });
}

/** What still runs of a version and takes the traffic again. */
function stillRunning(draft: Draft, slot: Slot, version: number): Serving | undefined {
  const before = isMoving(draft, slot) ? undefined : withSettingsBefore(slot);
  return before ?? [slot.live, slot.beside].find((serving) => serving?.version === version);
}

/** Whether something newer has begun to change the slot and is not live yet: what is called live is what it leaves. */
const isMoving = (draft: Draft, { environment }: Slot): boolean =>
  openIn(draft, environment).some(
    (one) =>
      (one.state === 'running' && one.epoch !== undefined && !one.wentLive) || servesOn(one, draft.facts),
  );

/** Asks for the rollback and overtakes whatever is in flight in the slot. Returns the deployment's id. */
export function takeOver(
  draft: Draft,
  release: Release,
  plan: EnvironmentPolicy,
  asked: { by: Parameters<typeof requestDeployment>[1]['by']; reason?: string },
): string {
  const inFlight = openIn(draft, plan.name).filter(
    ({ state, retiringSince }) => state === 'running' && retiringSince === undefined,
  );
  const deployment = requestDeployment(draft, { release, plan, kind: 'rollback', ...asked });
  const made = draft.facts.deployments.get(deployment);
  for (const other of inFlight) {
    overtake(draft, other, deployment, release.version);
    const never = !other.wentLive && other.version !== release.version && other.epoch !== undefined;
    if (never && made !== undefined) quarantine(draft, made, other.version);
  }
  const holder = draft.facts.slots.get(plan.name)?.lease;
  const retiring = holder === undefined ? undefined : draft.facts.deployments.get(holder.deployment);
  // A retire past its point of no return goes on, but it no longer holds the slot.
  if (holder !== undefined && retiring !== undefined) {
    const { service, environment, version, id } = retiring;
    draft.emit({ type: 'LeaseReleased', service, environment, version, deployment: id, epoch: holder.epoch });
  }
  return deployment;
}

const askedFor = ({ requestedBy, requestedAt }: Deployment, now: At): string =>
  `${named(requestedBy)} asked for it, ${ago(requestedAt, now)}`;

/** Why a version cannot be gone back to in a slot now, whoever asks; undefined when it can, but for its quarantine. */
function refusal(draft: Draft, release: Release, plan: EnvironmentPolicy, slot: Slot): Refusal | undefined {
  const { service, version } = release;
  const revocation = release.image && revocationOf(release.image, draft.facts.installation);
  if (revocation !== undefined)
    return refuse('revoked', revokedInWords(`${service} v${version}`, revocation));
  const open = openIn(draft, plan.name).filter(({ state }) => state === 'running');
  const same = open.find(
    (other) => other.kind === 'rollback' && other.version === version && !other.wentLive,
  );
  if (same !== undefined) {
    return refuse(
      'already there',
      `Going back to v${version} in ${plan.name} is under way already: ${askedFor(same, draft.now)}.`,
    );
  }
  const isLeft = isMoving(draft, slot) || withSettingsBefore(slot) !== undefined;
  if (slot.live?.version === version && !isLeft) {
    const brought = draft.facts.deployments.get(slot.live.deployment);
    const who = brought === undefined ? '' : `: ${askedFor(brought, draft.now)}`;
    return refuse('already there', `v${version} is live in ${plan.name} already${who}.`);
  }
  const was = release.standings[plan.name]?.standing;
  if (was === undefined || was === 'pending') {
    const instead = goesBackTo(draft.facts, slot)?.version;
    const hint = instead === undefined ? '' : ` You can go back to v${instead}.`;
    return refuse('never went live', `${service} v${version} was never live in ${plan.name}.${hint}`);
  }
  if (release.imageRemovedAt !== undefined) return refuse('not in good standing', imageGone(release));
  if (slot.live !== undefined && version > slot.live.version) {
    return refuse(
      'not in good standing',
      `v${version} is newer than v${slot.live.version}, which is live. To go forward, use /bake deploy ${service} v${version} ${plan.name}.`,
    );
  }
  return undefined;
}
