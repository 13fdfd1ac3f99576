import { askedToday } from '../../domain/asked-today.ts';
import { mustAct } from '../../domain/consent.ts';
import { activeRung } from '../../domain/group.ts';
import type { At, Millis } from '../../domain/time.ts';
import { aboutGroup } from './about.ts';
import type { GroupDraft } from './group-draft.ts';
import { isAskedFor, type Seat, seatsOf } from './seat.ts';

const first: Millis = 30 * 60_000;

/** When those who must act are reminded next: after half an hour, an hour, two, …, while they work, within the time. */
export function nextReminder({ now }: GroupDraft, seats: readonly Seat[], reminders: number): { next?: At } {
  const asked = seats.filter(isAskedFor);
  const times = asked.flatMap(({ draft: { facts }, deployment, release }): At[] => {
    if (deployment === undefined) return [];
    const today = askedToday(deployment, facts.policy);
    const pause = Math.min(first, today.plan.approveWithin / 4) * 2 ** reminders;
    const at = facts.calendar.workingTime(now + pause, mustAct(facts, today, release));
    return at < (deployment.wait?.until ?? 0) ? [at] : [];
  });
  return times.length === 0 ? {} : { next: Math.min(...times) };
}

/** Those who must act are told once more. */
export function remindOf(draft: GroupDraft): void {
  for (const row of draft.releases) {
    const where = activeRung(row);
    const run = where === undefined ? undefined : row.runs[where];
    if (where === undefined || run?.remindAt === undefined || run.remindAt > draft.now) continue;
    const seats = seatsOf(draft, row, where);
    const next = nextReminder(draft, seats, (run.reminders ?? 0) + 1);
    draft.emit({ type: 'GroupReminded', ...aboutGroup(row), where, ...next });
  }
}
