import type { Deployment } from './deployment.ts';
import { type Happened, isOfInstallation, isTrail, type SlotEvent } from './event.ts';
import { evolveDeployment } from './evolve-deployment.ts';
import { evolveGroup } from './evolve-group.ts';
import { evolveInstallation } from './evolve-installation.ts';
import { evolveRelease } from './evolve-release.ts';
import { evolveService, newService } from './evolve-service.ts';
import { evolveSlot, newSlot } from './evolve-slot.ts';
import type { GroupRelease } from './group.ts';
import { isOfGroup } from './group-event.ts';
import type { Installation } from './installation.ts';
import type { Release } from './release.ts';
import type { Service } from './service.ts';
import type { Slot } from './slot.ts';

/** The rows that an event may change, however they are kept. */
export interface Rows {
  service(name: string): Service | undefined;
  release(service: string, version: number): Release | undefined;
  slot(service: string, environment: string): Slot | undefined;
  deployment(id: string): Deployment | undefined;
  installation(): Installation;
  group(group: string, number: number): GroupRelease | undefined;
  putInstallation(row: Installation): void;
  putService(row: Service): void;
  putRelease(row: Release): void;
  putSlot(row: Slot): void;
  putDeployment(row: Deployment): void;
  putGroup(row: GroupRelease): void;
}

/** Folds one event into every row that it names. The only way in which a row changes. */
export function evolve(rows: Rows, happened: Happened): void {
  const { event } = happened;
  if (isTrail(event)) return;
  if (isOfInstallation(event)) {
    rows.putInstallation(evolveInstallation(rows.installation(), event, happened.at));
    return;
  }
  if (isOfGroup(event)) {
    const row = evolveGroup(rows.group(event.service, event.number), event, happened.at);
    if (row !== undefined) rows.putGroup(row);
    return;
  }
  if (!('environment' in event)) {
    rows.putService(evolveService(rows.service(event.service) ?? newService(event.service), event));
  }
  if ('version' in event) {
    const release = evolveRelease(rows.release(event.service, event.version), happened);
    if (release !== undefined) rows.putRelease(release);
  }
  if ('environment' in event) evolveInSlot(rows, event, happened);
}

function evolveInSlot(rows: Rows, event: SlotEvent, happened: Happened): void {
  const { service, environment } = event;
  rows.putSlot(evolveSlot(rows.slot(service, environment) ?? newSlot(service, environment), happened));
  if (!('deployment' in event)) return;
  const deployment = evolveDeployment(rows.deployment(event.deployment), happened);
  if (deployment !== undefined) rows.putDeployment(deployment);
}
