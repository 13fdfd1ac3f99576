import { leftovers } from './decide/reap.ts';
import { openCalendar } from './domain/calendar.ts';
import type { Marked } from './domain/marked.ts';
import type { ServicePolicy } from './domain/policy.ts';
import type { ReaperStop } from './domain/reaper.ts';
import type { At } from './domain/time.ts';
import { areMarksBroken } from './engine/leftovers.ts';
import type { Ledger } from './ledger.ts';

/** What the reaper would make of one service in one provider. */
export interface LeftoversReport {
  service: string;
  provider: string;
  /** When the provider was last asked. */
  at: At;
  leftovers: Marked[];
  /** Why nothing of it is removed. */
  held?: ReaperStop | 'not configured' | 'marks';
}

/** All that belongs to nothing, by the inventories that are kept. Changes nothing. */
export async function reportLeftovers(
  ledger: Pick<Ledger, 'load' | 'inventories' | 'slots'>,
  policies: ReadonlyMap<string, ServicePolicy>,
): Promise<LeftoversReport[]> {
  const slots = await ledger.slots();
  const reports: LeftoversReport[] = [];
  for (const inventory of await ledger.inventories()) {
    const { provider, at, found } = inventory;
    const broken = areMarksBroken(inventory, slots, policies);
    for (const service of new Set(found.map(({ mark }) => mark.service))) {
      const own = found.filter(({ mark }) => mark.service === service);
      const policy = policies.get(service);
      const { facts } = await ledger.load(service, {});
      const left =
        policy === undefined
          ? own.filter(({ what }) => what !== 'image')
          : leftovers({ ...facts, policy, calendar: openCalendar }, { found: own });
      const held =
        policy === undefined
          ? 'not configured'
          : (facts.service.reaperStopped?.because ?? (broken ? 'marks' : undefined));
      if (left.length > 0 || held !== undefined)
        reports.push({ service, provider, at, leftovers: left, ...(held === undefined ? {} : { held }) });
    }
  }
  return reports;
}
