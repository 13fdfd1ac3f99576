import { isStandbyDue, lookAfterStandby } from '../decide/standby.ts';
import { theClock } from '../domain/actor.ts';
import type { Deciding } from './deciding.ts';
import type { EngineParts } from './parts.ts';

/** Keeps what each slot would go back to ready: looked at, rehearsed, and with a script that needs no Bakery. */
export async function lookAfterStandbys(
  { ledger, policies, now }: EngineParts,
  deciding: Deciding,
): Promise<void> {
  const known = new Map(
    (await ledger.standbys()).map((one) => [`${one.service}/${one.environment}`, one] as const),
  );
  for (const slot of await ledger.slots()) {
    const { service, environment } = slot;
    if (!policies.has(service) || !isStandbyDue(slot, known.get(`${service}/${environment}`), now()))
      continue;
    const decide = (facts: Parameters<typeof lookAfterStandby>[0], at: number) =>
      lookAfterStandby(facts, environment, at);
    await deciding.request({ service, named: {}, by: theClock, decide });
  }
}
