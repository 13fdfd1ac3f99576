import { lookAround } from '../decide/reconcile.ts';
import { theClock } from '../domain/actor.ts';
import type { Deciding } from './deciding.ts';
import type { EngineParts } from './parts.ts';

/** After a restore: every service that takes no command until then gets a look at what there really is of it. */
export async function lookAroundAfterRestore({ ledger }: EngineParts, deciding: Deciding): Promise<void> {
  for (const service of await ledger.restoring())
    await deciding.request({ service, named: {}, by: theClock, decide: lookAround });
}
