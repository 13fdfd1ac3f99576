import { Cron } from 'croner';
import type { At, Millis } from '../pipeline/domain/time.ts';
import type { WorkingHours } from './calendar.ts';

const minute: Millis = 60_000;
/** Hours that are longer never end. */
const longest: Millis = 8 * 24 * 60 * minute;

/** When the quiet hours end that it is in now; undefined when it is in none. They name minutes, as a cron expression. */
export function quietUntil(quiet: WorkingHours | undefined, now: At): At | undefined {
  if (quiet === undefined) return undefined;
  const hours = new Cron(quiet.during, { timezone: quiet.zone });
  const from = now - (now % minute);
  for (let at = from; at < from + longest; at += minute)
    if (!hours.match(new Date(at))) return at === from ? undefined : at;
  return undefined;
}
