import { Cron } from 'croner';
import type { Calendar } from '../pipeline/domain/calendar.ts';
import type { Freeze } from '../pipeline/domain/installation.ts';
import type { At } from '../pipeline/domain/time.ts';

/** A window of the configuration: from a moment to a moment, each a cron expression or a date, in a time zone. */
export interface FreezeWindow {
  name: string;
  from: string;
  to: string;
  /** An IANA name, like Europe/Berlin. */
  zone: string;
  /** Those that it is about; all when left out. */
  services?: string[];
  environments?: string[];
}

/** The minutes in which people are reminded, as a cron expression. */
export interface WorkingHours {
  during: string;
  zone: string;
}

interface Settings {
  freezes: readonly FreezeWindow[];
  reminders?: WorkingHours | undefined;
  /** The zone of a person (`team/user`), where it is known; the one of `reminders` counts where it is not. */
  zoneOf?: (key: string) => string | undefined;
}

/** What the configuration says of times, for one service. */
export function calendarOf(service: string, { freezes, reminders, zoneOf }: Settings): Calendar {
  const mine = freezes
    .filter(({ services }) => services === undefined || services.includes(service))
    .map(windowOf);
  return {
    windows: (at) => mine.flatMap((window) => window(at).now ?? []),
    begun: (after, at) =>
      mine.flatMap((window) => window(at).last ?? []).filter(({ since }) => since > after && since <= at),
    workingTime: reminders === undefined ? (at) => at : workingTimes(reminders, zoneOf ?? (() => undefined)),
  };
}

/** The same hours of the day, where each of those lives who are asked about. */
function workingTimes(
  { during, zone }: WorkingHours,
  zoneOf: (key: string) => string | undefined,
): Calendar['workingTime'] {
  const known = new Map<string, Cron>([[zone, schedule(during, zone)]]);
  const hoursIn = (place: string): Cron => {
    const hours = known.get(place) ?? schedule(during, scheduleProblem(during, place) ? zone : place);
    known.set(place, hours);
    return hours;
  };
  return (at, who = []) => {
    const places = new Set(who.length === 0 ? [zone] : who.map((key) => zoneOf(key) ?? zone));
    const times = [...places].map(hoursIn).map((hours) => (isOn(hours, at) ? at : (nextOf(hours, at) ?? at)));
    return Math.min(...times);
  };
}

/** A window at a time: the freeze that it is now, and that which began last. */
interface AtATime {
  now: Freeze | undefined;
  last: Freeze | undefined;
}

/** What a window is at a time. Computed anew only when it begins or ends. */
function windowOf({ name, from, to, zone, environments }: FreezeWindow): (at: At) => AtATime {
  const [begin, end] = [schedule(from, zone), schedule(to, zone)];
  let known: ({ from: At; until: At } & AtATime) | undefined;
  return (at) => {
    if (known !== undefined && known.from <= at && at < known.until) return known;
    const [began, ended] = [lastOf(begin, at), lastOf(end, at)];
    const until = nextOf(end, at) ?? Number.POSITIVE_INFINITY;
    const isOver = began !== undefined && ended !== undefined && ended > began;
    const last: Freeze | undefined =
      began === undefined
        ? undefined
        : {
            id: `window.${name}`,
            scope: 'all',
            since: began,
            until: isOver ? ended : until,
            name,
            ...(environments === undefined ? {} : { environments }),
          };
    known = {
      from: at,
      until: Math.min(until, nextOf(begin, at) ?? Number.POSITIVE_INFINITY),
      now: isOver ? undefined : last,
      last,
    };
    return known;
  };
}

/** A date without a time is its midnight. */
const schedule = (text: string, timezone: string): Cron =>
  new Cron(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00` : text, { timezone });

/** The last time at or before this one. */
const lastOf = (cron: Cron, at: At): At | undefined => cron.previousRuns(1, new Date(at + 1))[0]?.getTime();
const nextOf = (cron: Cron, at: At): At | undefined => cron.nextRun(new Date(at))?.getTime();
/** Expressions name minutes, at their first second. */
const isOn = (cron: Cron, at: At): boolean => cron.match(new Date(at - (at % 60_000)));

/** Why a text is no moment of a calendar; undefined when it is one. */
export function scheduleProblem(text: string, zone: string): string | undefined {
  try {
    const cron = schedule(text, zone);
    const reference = new Date(0);
    return cron.nextRun(reference) === null ? 'never comes; correct it.' : undefined;
  } catch {
    return 'is neither a cron expression (minute hour day month weekday) nor a date, or its zone is none; correct it.';
  }
}
