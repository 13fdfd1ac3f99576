import { Random } from '../src/selftest/random.ts';
import { environment, policy } from '../test/support/policies.ts';
import { Day, minute, second } from './day.ts';
import { atMost, type Figure, median, quantile, seen } from './figure.ts';

const services = 200;
const branches = 5;
const workers = 40;
const asksFor = 90 * minute;

/** A thousand releases of two hundred services in flight, with a cloud that takes as long as clouds take. */
export async function busyDay(): Promise<Figure[]> {
  const day = new Day({ services, workers, policyOf });
  const latencies: number[] = [];
  const random = new Random(1);
  for (let count = 0; count < services * branches; count++) {
    const began = performance.now();
    await day.push(`service-${count % services}`, count);
    latencies.push(performance.now() - began);
    await day.timeline.runUntil(day.timeline.now + random.between(0, 1_200));
  }
  const inFlight = day.open();
  const memory: number[] = [];
  // Until every question has been answered, or has expired.
  for (let hour = 0; hour < 6; hour++) {
    await day.timeline.runUntil(day.timeline.now + 60 * minute);
    globalThis.gc?.();
    memory.push(process.memoryUsage().heapUsed / 2 ** 20);
  }
  const { times, late, left } = day.close(asksFor);
  return [
    seen('releases in flight when the last one was pushed', inFlight, 'releases'),
    atMost('releases and deployments that are not over at the end of the day', left, 0, ''),
    atMost('the slowest release against the median', Math.max(...times) / median(times), 3, 'x'),
    atMost('the latest that a passed deadline was noticed', late / second, 5, 's'),
    atMost('a command with all of them in flight, p99', quantile(latencies, 0.99), 100, 'ms'),
    atMost(
      'memory at the end of the day against after an hour',
      (memory.at(-1) ?? 0) / (memory[0] ?? 1),
      1.2,
      'x',
    ),
    seen('memory at the end of the day', memory.at(-1) ?? 0, 'MB'),
  ];
}

/** One environment that every release asks for, and nobody answers: each question has to end by itself. */
const policyOf = (service: string) =>
  policy({
    service,
    environments: [
      environment('production', 4003, { promotion: 'approval', approvals: 1, approveWithin: asksFor }),
    ],
  });
