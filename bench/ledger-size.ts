import { CoreWorld } from '../test/support/core-world.ts';
import { environment, policy } from '../test/support/policies.ts';
import { atMost, type Figure, median, seen } from './figure.ts';

const sizes = [10, 100, 1_000, 10_000];
const batch = 15;
const batches = 7;
const warmUp = 300;

/** Processor time of one release when so many lie in the ledger already. */
export async function ledgerSize(): Promise<Figure[]> {
  const fresh = () => new CoreWorld(policy({ environments: [environment('dev', 4001)] }));
  let made = 0;
  const releaseIn = async (world: CoreWorld): Promise<void> => {
    await world.push(`change ${++made}`);
    await world.run(5_000);
    world.attempts.length = 0;
    world.bakes.length = 0;
  };
  // Elsewhere first, so that the smallest size does not pay for what the engine compiles.
  const elsewhere = fresh();
  while (made < warmUp) await releaseIn(elsewhere);
  made = 0;
  const world = fresh();
  const release = (): Promise<void> => releaseIn(world);
  const costs: number[] = [];
  for (const size of sizes) {
    while (made < size) await release();
    const medians: number[] = [];
    for (let round = 0; round < batches; round++) {
      globalThis.gc?.();
      const began = process.cpuUsage();
      for (let one = 0; one < batch; one++) await release();
      const { user, system } = process.cpuUsage(began);
      medians.push((user + system) / 1000 / batch);
    }
    costs.push(median(medians));
  }
  const [small = 1] = costs;
  return [
    ...sizes.map((size, index) =>
      seen(`a release when ${size} lie in the ledger`, costs[index] ?? 0, 'ms CPU'),
    ),
    atMost(
      'dearest against cheapest, 10 to 10,000 releases',
      Math.max(...costs) / Math.min(...costs),
      1.2,
      'x',
    ),
    seen('10,000 against 10', (costs.at(-1) ?? 0) / small, 'x'),
  ];
}
