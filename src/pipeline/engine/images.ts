import { letImagesGo } from '../decide/let-go.ts';
import { theClock } from '../domain/actor.ts';
import type { At } from '../domain/time.ts';
import type { Deciding } from './deciding.ts';
import type { EngineParts } from './parts.ts';

const hour = 3_600_000;
/** Images go at night: from this hour of the day on, UTC. What was in the preview during the day is what goes. */
const from = 2;

const hours = 3;
/** How often it is looked in the night: a service that was at work gets another turn. */
const every = hour / 4;

const isNight = (now: At): boolean => {
  const hourOfDay = Math.floor(now / hour) % 24;
  return hourOfDay >= from && hourOfDay < from + hours;
};

/** At night: lets the images go that nothing keeps. Returns when it looked last. */
export async function sweepImages(
  { ledger, policies, now }: EngineParts,
  deciding: Deciding,
  lookedAt: At | undefined,
): Promise<At | undefined> {
  const at = now();
  if (!isNight(at) || (lookedAt !== undefined && at - lookedAt < every)) return lookedAt;
  for (const { provider, found } of await ledger.inventories()) {
    for (const service of policies.keys()) {
      const own = found.filter(({ what, mark }) => what === 'image' && mark.service === service);
      if (own.length === 0) continue;
      await deciding.request({
        service,
        named: { images: true },
        by: theClock,
        decide: (facts, at) => letImagesGo(facts, provider, own, at),
      });
    }
  }
  return at;
}
