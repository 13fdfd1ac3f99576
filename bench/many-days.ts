import { environment, policy } from '../test/support/policies.ts';
import { Day, minute, second } from './day.ts';
import { atMost, type Figure, seen } from './figure.ts';

const services = 10;
const daily = 4;
const days = 8;
const day = 24 * 60 * minute;
/** Minutes of real time that it goes on at least, for who wants to see more days than eight. */
const atLeast = Number(process.env.BAKERY_BENCH_MINUTES ?? 0);

/** Days of releases that go all the way, one after the other: what Bakery holds in memory is what goes on, not what was. */
export async function manyDays(): Promise<Figure[]> {
  const on = new Day({ services, workers: 5, policyOf });
  const memory: number[] = [];
  const began = performance.now();
  const passed = (): number => (performance.now() - began) / 60_000;
  let today = 0;
  for (; today < days || passed() < atLeast; today += 1) {
    for (let count = 0; count < daily; count += 1) {
      for (let index = 0; index < services; index += 1)
        await on.push(`service-${index}`, (today * daily + count) * services + index);
      await on.timeline.runUntil(on.timeline.now + day / daily);
    }
    globalThis.gc?.();
    memory.push(process.memoryUsage().heapUsed / 2 ** 20);
  }
  const { times, left } = on.close(0);
  const [, secondDay = 0] = memory;
  return [
    seen('releases that went to production', times.length, 'releases'),
    seen('simulated days', today, 'days'),
    seen('real time that they took', passed(), 'min'),
    atMost('releases and deployments that are not over at the end', left, 0, ''),
    atMost('memory at the end against after the second day', (memory.at(-1) ?? 0) / secondDay, 1.2, 'x'),
    seen('memory at the end', memory.at(-1) ?? 0, 'MB'),
  ];
}

/** Everything goes by itself, and the old one is retired after ten minutes. */
const policyOf = (service: string) =>
  policy({
    service,
    environments: [
      environment('production', 4003, {
        production: true,
        steps: [25, 100],
        pause: 5 * second,
        soak: minute,
        retireAfter: 10 * minute,
      }),
    ],
  });
