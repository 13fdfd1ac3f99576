import { holdsChanged, imagesRevoked, lockDue } from '../decide/upkeep.ts';
import { theClock } from '../domain/actor.ts';
import { openCalendar } from '../domain/calendar.ts';
import type { ServicePolicy } from '../domain/policy.ts';
import { administrators } from '../domain/rights.ts';
import type { At } from '../domain/time.ts';
import type { Deciding } from './deciding.ts';
import type { EngineParts } from './parts.ts';

/** What held at the last look: a change is looked into. At the first look all is: it may have changed meanwhile. */
export interface Held {
  /** By service: freezes, and who has to agree. */
  byService: Map<string, string>;
  /** A whole window may lie between two looks of a machine that slept. */
  lookedAt: At | undefined;
  revoked: number | undefined;
}

export const nothingHeld = (): Held => ({
  byService: new Map(),
  lookedAt: undefined,
  revoked: undefined,
});

/** What of the operators' files decides whose yes is needed. */
function whoAgrees({ people, peopleIn, admins, environments }: ServicePolicy): string {
  const asked = environments.map(({ name, promotion, approvals, selfApproval, oneOf }) => ({
    name,
    promotion,
    approvals,
    selfApproval,
    oneOf,
  }));
  return JSON.stringify({ people, peopleIn, admins, asked });
}

/** What people and the configuration keep back or ask for, and what of it changes now: freezes, locks, revoked images. */
export async function lookAtHolds(parts: EngineParts, deciding: Deciding, held: Held): Promise<void> {
  const { ledger, policies, calendar, now } = parts;
  for (const { service, environment } of await ledger.locksDue(now())) {
    const decide = (...[facts, at]: Parameters<typeof holdsChanged>) => lockDue(facts, environment, at);
    await deciding.request({ service, named: {}, by: theClock, decide });
  }
  const installation = await ledger.installation();
  for (const [service, policy] of policies) {
    const ordered = installation.freezes.filter(
      ({ scope, until }) => (scope === 'all' || scope === service) && until > now(),
    );
    const of = calendar?.(service) ?? openCalendar;
    const windows = of.windows(now());
    const holds = [...ordered, ...windows].map(({ id, until }) => `${id} ${until}`).join(',');
    const state = `${holds} ${whoAgrees({ ...policy, admins: administrators(parts.admins, installation) })}`;
    const begun = of.begun(held.lookedAt ?? now(), now());
    if (held.byService.get(service) === state && begun.length === 0) continue;
    held.byService.set(service, state);
    await deciding.request({ service, named: {}, by: theClock, decide: holdsChanged });
  }
  held.lookedAt = now();
  const { length } = installation.revoked;
  if (held.revoked !== undefined && held.revoked !== length) {
    for (const service of policies.keys()) {
      await deciding.request({ service, named: {}, by: theClock, decide: imagesRevoked });
    }
  }
  held.revoked = length;
}
