import type { Reminding } from '../bot/reminding.ts';
import { calendarOf } from '../config/calendar.ts';
import type { Config } from '../config/config.ts';
import { type Calendar, openCalendar } from '../pipeline/domain/calendar.ts';
import { newInstallation } from '../pipeline/domain/installation.ts';
import { holders } from '../pipeline/domain/rights.ts';

type Times = Pick<Config, 'policies' | 'freezes' | 'reminders' | 'remindersOf'>;

interface Calendars {
  of(service: string): Calendar;
  reminding: Reminding;
}

/** What the configuration says of times, by service, with the zones that the bot learns of people. */
export function openCalendars(inForce: () => Times): Calendars {
  const zones = new Map<string, string>();
  let read = calendarsOf(inForce(), zones);
  const now = (): typeof read => {
    if (read.config !== inForce()) read = calendarsOf(inForce(), zones);
    return read;
  };
  const of = (service: string): Calendar => now().calendars.get(service) ?? openCalendar;
  return {
    of,
    reminding: {
      people: () => now().people,
      zones,
      isAtWork: (service, key, at) => of(service).workingTime(at, [key]) === at,
    },
  };
}

function calendarsOf(config: Times, zones: ReadonlyMap<string, string>) {
  const { policies, freezes } = config;
  const hoursOf = (service: string) => config.remindersOf.get(service) ?? config.reminders;
  const calendars = new Map(
    [...policies.keys()].map((service) => [
      service,
      calendarOf(service, { freezes, reminders: hoursOf(service), zoneOf: (key) => zones.get(key) }),
    ]),
  );
  const whoActs = [...policies.values()]
    .filter(({ service }) => hoursOf(service) !== undefined)
    .flatMap((policy) =>
      [undefined, ...policy.environments.map(({ name }) => name)].flatMap((environment) =>
        holders('approve', { policy, installation: newInstallation }, environment),
      ),
    );
  return { config, calendars, people: [...new Set(whoActs)].filter((key) => /\/[UW]/.test(key)) };
}
