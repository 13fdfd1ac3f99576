import { freezesChanged, imagesRevoked, lockDue } from '../decide/upkeep.ts';
import { theClock } from '../domain/actor.ts';
import { openCalendar } from '../domain/calendar.ts';
import type { Deciding } from './deciding.ts';
import type { EngineParts } from './parts.ts';

/** What held at the last look: a change is looked into. */
export interface Held {
  freezes: Map<string, string>;
  revoked: number | undefined;
}

export const nothingHeld = (): Held => ({ freezes: new Map(), revoked: undefined });

/** What people and the configuration keep back, and what of it begins or ends now: freezes, locks, revoked images. */
export async function lookAtHolds(parts: EngineParts, deciding: Deciding, held: Held): Promise<void> {
  const { ledger, policies, calendar, now } = parts;
  for (const { service, environment } of await ledger.locksDue(now())) {
    const decide = (...[facts, at]: Parameters<typeof freezesChanged>) => lockDue(facts, environment, at);
    await deciding.request({ service, named: {}, by: theClock, decide });
  }
  const installation = await ledger.installation();
  for (const service of policies.keys()) {
    const ordered = installation.freezes.filter(
      ({ scope, until }) => (scope === 'all' || scope === service) && until > now(),
    );
    const windows = (calendar?.(service) ?? openCalendar).windows(now());
    const holds = [...ordered, ...windows].map(({ id, until }) => `${id} ${until}`).join(',');
    const before = held.freezes.get(service);
    held.freezes.set(service, holds);
    if (before === holds || (before === undefined && holds === '')) continue;
    await deciding.request({ service, named: {}, by: theClock, decide: freezesChanged });
  }
  const { length } = installation.revoked;
  if (held.revoked !== undefined && held.revoked !== length) {
    for (const service of policies.keys()) {
      await deciding.request({ service, named: {}, by: theClock, decide: imagesRevoked });
    }
  }
  held.revoked = length;
}
