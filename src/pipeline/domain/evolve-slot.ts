import type { Serving } from './deployment.ts';
import type { Happened } from './event.ts';
import { higherFloor } from './migration.ts';
import type { Slot } from './slot.ts';

export const newSlot = (service: string, environment: string): Slot => ({
  service,
  environment,
  deployments: 0,
  epoch: 0,
  open: [],
});

/** Folds one event into its slot. */
export function evolveSlot(slot: Slot, happened: Happened): Slot {
  const { event } = happened;
  switch (event.type) {
    case 'DeploymentRequested':
      return { ...slot, deployments: event.number, open: [...slot.open, event.deployment] };
    case 'DeploymentRetried':
      return { ...slot, open: [...slot.open, event.deployment] };
    case 'DeploymentEnded':
    case 'DeploymentFinished':
      return withoutLease(
        { ...slot, open: slot.open.filter((id) => id !== event.deployment) },
        event.deployment,
      );
    case 'LeaseTaken':
      return { ...slot, epoch: event.epoch, lease: { deployment: event.deployment, epoch: event.epoch } };
    case 'MigrationBegan': {
      const { rollbackTo, version } = event;
      if (rollbackTo === undefined) return slot;
      return { ...slot, floor: higherFloor(slot.floor, { version: rollbackTo, by: version }) };
    }
    case 'DeploymentOvertaken':
    case 'LeaseReleased':
      return withoutLease(slot, event.deployment);
    case 'WentLive': {
      const {
        beside: _beside,
        rescue: _rescue,
        rescued: _rescued,
        ...kept
      } = event.kind === 'repair' ? slot : withoutRepairs(slot);
      return {
        ...kept,
        live: event.serving,
        ...(event.left === undefined ? {} : { beside: event.left }),
      };
    }
    case 'RetireCommitted': {
      const { beside: _beside, ...kept } = slot;
      return kept;
    }
    case 'DeploymentStepDone':
      return event.returnedTo === undefined ? slot : returned(slot, event.returnedTo);
    case 'RescueWritten':
      return { ...slot, rescue: event.rescue };
    case 'RescueForgotten': {
      const { rescue: _rescue, ...kept } = slot;
      return kept;
    }
    case 'RescueFound':
      return { ...slot, rescued: rescuedAt(event, happened.at) };
    case 'SlotRestored':
      return { ...slot, epoch: event.epoch, deployments: event.deployments };
    case 'ServingFound':
      return found(slot, event);
    case 'SlotLocked':
      return { ...slot, lock: event.lock };
    case 'LockNagged':
      return slot.lock === undefined ? slot : { ...slot, lock: { ...slot.lock, nagAt: event.next } };
    case 'SlotUnlocked': {
      const { lock: _lock, ...kept } = slot;
      return kept;
    }
    default:
      return evolveRepairs(slot, happened);
  }
}

/** What serves is live, whatever the ledger thought. */
function found(slot: Slot, event: Happened['event'] & { type: 'ServingFound' }): Slot {
  const { beside: _beside, ...kept } = withoutRepairs(slot);
  const beside = event.beside === undefined ? {} : { beside: event.beside };
  return { ...kept, epoch: event.epoch, live: event.live, ...beside };
}

const rescuedAt = (
  { version, instances }: Happened['event'] & { type: 'RescueFound' },
  since: number,
): Serving => ({ version, deployment: 'rescue', instances, settings: '', since });

function evolveRepairs(slot: Slot, { event, at }: Happened): Slot {
  switch (event.type) {
    case 'InstancesLost':
      return { ...slot, repairs: { count: event.count ?? 1, at, stopped: false } };
    case 'RepairsStopped':
      return { ...slot, repairs: { count: event.count, at, stopped: true } };
    case 'RepairsAllowed':
      return withoutRepairs(slot);
    default:
      return slot;
  }
}

function withoutRepairs(slot: Slot): Slot {
  const { repairs: _repairs, ...kept } = slot;
  return kept;
}

/** Traffic went back to what was live before: it is live again, and nothing is beside it. */
function returned(slot: Slot, serving: NonNullable<Slot['live']>): Slot {
  const { beside: _beside, ...kept } = slot;
  return { ...kept, live: serving };
}

function withoutLease(slot: Slot, deployment: string): Slot {
  if (slot.lease?.deployment !== deployment) return slot;
  const { lease: _lease, ...kept } = slot;
  return kept;
}
