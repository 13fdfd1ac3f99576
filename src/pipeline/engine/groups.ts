import { isUnderWay } from '../domain/group.ts';
import type { Deciding } from './deciding.ts';
import type { EngineParts } from './parts.ts';

/** Groups whose releases are to be looked at whatever happens: at the start all of them. */
export interface GroupsSeen {
  begun: boolean;
}

/**
 * Looks at the releases of groups of which something may come: when something happened to one of their services, while
 * they roll out or go back, and when somebody is to be reminded. What was decided before a crash is found by it.
 */
export async function lookAtGroups(parts: EngineParts, deciding: Deciding, seen: GroupsSeen): Promise<void> {
  const { ledger, groups, now } = parts;
  const touched = deciding.takeTouched();
  if (groups === undefined || groups.size === 0) return;
  const open = await ledger.openGroups();
  const due = open.filter(({ members, runs }) => {
    const isTouched = members.some(({ service }) => touched.has(service));
    const isMoving = Object.values(runs).some(
      (run) => isUnderWay(run) || (run.remindAt ?? Number.POSITIVE_INFINITY) <= now(),
    );
    return !seen.begun || isTouched || isMoving;
  });
  // Should it fail, all are looked at in the next round.
  seen.begun = false;
  for (const group of new Set(due.map((row) => row.group)))
    if (groups.has(group)) await deciding.group(group);
  seen.begun = true;
}
