import type { Reminding } from '../bot/reminding.ts';
import { calendarOf } from '../config/calendar.ts';
import type { Config } from '../config/config.ts';
import { type Calendar, openCalendar } from '../pipeline/domain/calendar.ts';
import { newInstallation } from '../pipeline/domain/installation.ts';
import { holders } from '../pipeline/domain/rights.ts';

interface Calendars {
  of(service: string): Calendar;
  reminding: Reminding;
}

/** What the configuration says of times, by service, with the zones that the bot learns of people. */
export function openCalendars(
  config: Pick<Config, 'policies' | 'freezes' | 'reminders' | 'remindersOf'>,
): Calendars {
  const { policies, freezes } = config;
  const zones = new Map<string, string>();
  const hoursOf = (service: string) => config.remindersOf.get(service) ?? config.reminders;
  const calendars = new Map(
    [...policies.keys()].map((service) => [
      service,
      calendarOf(service, { freezes, reminders: hoursOf(service), zoneOf: (key) => zones.get(key) }),
    ]),
  );
  const of = (service: string): Calendar => calendars.get(service) ?? openCalendar;
  const whoActs = [...policies.values()]
    .filter(({ service }) => hoursOf(service) !== undefined)
    .flatMap((policy) =>
      [undefined, ...policy.environments.map(({ name }) => name)].flatMap((environment) =>
        holders('approve', { policy, installation: newInstallation }, environment),
      ),
    );
  return {
    of,
    reminding: {
      people: [...new Set(whoActs)].filter((key) => /\/[UW]/.test(key)),
      zones,
      isAtWork: (service, key, at) => of(service).workingTime(at, [key]) === at,
    },
  };
}
