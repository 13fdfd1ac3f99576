import type { Event } from './event.ts';
import type { Service } from './service.ts';

export const newService = (service: string): Service => ({ service, nextVersion: 1, open: [], newest: {} });

/** Folds one event into the head of its service. */
export function evolveService(head: Service, event: Event): Service {
  switch (event.type) {
    case 'ReleaseRequested':
      return {
        ...head,
        nextVersion: Math.max(head.nextVersion, event.version + 1),
        open: [...head.open, event.version],
        newest: { ...head.newest, [event.commit.ref]: event.version },
      };
    case 'ReleasePromoted':
    case 'ReleaseEnded':
      return { ...head, open: head.open.filter((version) => version !== event.version) };
    case 'ReleaseRetried':
      return { ...head, open: [...head.open, event.version] };
    case 'LedgerRestored':
      return {
        ...head,
        open: [],
        restoring: event.epoch,
        reaperStopped: { because: 'restored', found: [] },
      };
    case 'LedgerReconciled':
      return reconciled(head, event);
    case 'ReaperStopped':
      return { ...head, reaperStopped: { because: event.because, found: event.found } };
    case 'ReaperAllowed':
      return allowed(head);
    default:
      return head;
  }
}

function reconciled(head: Service, { highest, left }: Event & { type: 'LedgerReconciled' }): Service {
  const { restoring: _restoring, ...kept } = head;
  return {
    ...kept,
    nextVersion: Math.max(head.nextVersion, highest + 1),
    reaperStopped: { because: 'restored', found: left },
  };
}

function allowed(head: Service): Service {
  const { reaperStopped, ...kept } = head;
  return { ...kept, reaperAllowed: reaperStopped?.found ?? [] };
}
