import { deadlinePassed, surveySlot } from '../decide/upkeep.ts';
import { theClock } from '../domain/actor.ts';
import type { At } from '../domain/time.ts';
import type { Deciding } from './deciding.ts';
import { type Held, lookAtHolds } from './freezes.ts';
import { sweepImages } from './images.ts';
import { lookForLeftovers, orderInventories, type Seen } from './leftovers.ts';
import { record } from './outcomes.ts';
import type { EngineParts } from './parts.ts';
import { lookAroundAfterRestore } from './reconciling.ts';
import { lookAfterStandbys } from './standbys.ts';

/** A deadline that passed while Bakery was down gets this long before anything is taken away. */
export const grace = 60_000;
/** How often each quiet slot is looked at. */
const surveyEvery = 15_000;

export interface ClockState {
  startedAt: At;
  surveyedAt: At;
  /** What belonged to nothing at the last look. */
  seen: Seen;
  /** What people and the configuration kept back at the last look. */
  held: Held;
  /** When it was last looked for images that nothing keeps. */
  sweptAt?: At | undefined;
}

/** What time alone brings: waits that are over, tasks past their deadline, slots to be looked at. */
export async function runClock(parts: EngineParts, deciding: Deciding, state: ClockState): Promise<void> {
  const { ledger, now, every } = parts;
  await lookAtHolds(parts, deciding, state.held);
  for (const { service, deployment, until } of await ledger.waitsOver(now())) {
    if (until < state.startedAt && now() < state.startedAt + grace) continue;
    const decide = (facts: Parameters<typeof deadlinePassed>[0], at: At) =>
      deadlinePassed(facts, deployment, at);
    await deciding.request({ service, named: { deployment }, by: theClock, decide });
  }
  for (const task of await ledger.overdueTasks(now())) {
    if (task.deadline < state.startedAt && now() < state.startedAt + grace) continue;
    const failure = { fault: 'timeout' as const, sentence: 'It was not done by its deadline.' };
    await record(parts, deciding, task, { is: 'failed', failure });
  }
  for (const inventory of deciding.takeInventories())
    await lookForLeftovers(parts, deciding, inventory, state.seen);
  if (now() - state.surveyedAt < (every?.survey ?? surveyEvery)) return;
  state.surveyedAt = now();
  for (const slot of await ledger.quietSlots()) {
    await deciding.request({
      service: slot.service,
      named: {},
      by: theClock,
      decide: (facts, at) => surveySlot(facts, slot.environment, at),
    });
  }
  await lookAroundAfterRestore(parts, deciding);
  await lookAfterStandbys(parts, deciding);
  state.sweptAt = await sweepImages(parts, deciding, state.sweptAt);
  await orderInventories(parts);
  await ledger.prune(now() - 7 * 24 * 3_600_000);
}
