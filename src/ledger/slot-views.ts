import { revocationOf } from '../pipeline/domain/revoked.ts';
import type { Slot } from '../pipeline/domain/slot.ts';
import type { SlotView } from '../pipeline/views.ts';
import type { tableRows } from './rows.ts';

type Rows = ReturnType<typeof tableRows>;

/** A slot with what a card would go back to and cannot: its image was revoked, or is not kept any more. */
export function slotView(rows: Rows, slot: Slot): SlotView {
  const { service, live, beside } = slot;
  const before = live === undefined ? undefined : rows.deployment(live.deployment)?.old?.version;
  const versions = [...new Set([live?.version, beside?.version, before])];
  const installation = rows.installation();
  const unlaunchable = versions.filter((version) => {
    const release = version === undefined ? undefined : rows.release(service, version);
    if (release?.image === undefined) return false;
    return release.imageRemovedAt !== undefined || revocationOf(release.image, installation) !== undefined;
  });
  return unlaunchable.length === 0
    ? slot
    : { ...slot, unlaunchable: unlaunchable.filter((one) => one !== undefined) };
}
