import { groupStream } from '../pipeline/domain/group-event.ts';
import type { LoadedGroup } from '../pipeline/ledger.ts';
import type { Db } from './db.ts';
import { rememberedRows } from './remembered-rows.ts';
import { rowMemory } from './row-memory.ts';
import { statements } from './statements.ts';

/** How many of the newest releases of a group every decision sees: enough to find what can be gone back to. */
const recent = 20;

/** Reads what a decision about a group may know of it. To be called inside a transaction. */
export function loadGroup(db: Db, group: string): LoadedGroup {
  rowMemory(db).begin();
  const on = statements(db);
  const newest = on.newestOfGroup.all({ group, limit: recent }).map(({ row }) => row);
  const open = on.openOfGroup.all({ group }).map(({ row }) => row);
  return {
    releases: [...new Map([...open, ...newest].map((row) => [row.number, row])).values()],
    nextNumber: (newest[0]?.number ?? 0) + 1,
    version: rememberedRows(db).streamVersion(groupStream(group)),
  };
}
