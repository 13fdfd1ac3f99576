import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchOrder, Provider } from '../../src/pipeline/provider.ts';
import { services as programs, start } from '../../test/support/bakery-services.ts';
import { tarOf } from '../../test/support/tar-of.ts';
import { atMost, type Figure, median, seen } from '../figure.ts';
import { base, call, providerFor, settled, timed } from './engine.ts';

const few = 10;
const many = 100;
const rounds = 7;
const health = { path: '/', within: 30_000 };

/** What one more service costs on an engine with 10 others and with 100: launched, looked at and ended. */
export async function services(): Promise<Figure[]> {
  const owner = `bench-${randomBytes(4).toString('hex')}`;
  const { provider, end } = providerFor(owner);
  const root = mkdtempSync(join(tmpdir(), 'bakery-bench-services-'));
  const mark = (service: string, effect: string) => ({
    owner,
    service,
    version: 1,
    environment: 'production',
    effect,
    generation: 1,
    epoch: 0,
  });
  try {
    const made = await tarOf(root, programs);
    const recipe = { base, packages: [], start: start.serves };
    const order = { ...made, recipe, files: new Map(), sha: '0'.repeat(40), mark: mark('hello', 'bake') };
    const image = await settled(() => provider.bake(order, call()));
    const launch = (number: number | string): LaunchOrder => ({
      image,
      spec: { start: start.serves, health, grace: 1_000, settings: {} },
      environment: {},
      mark: mark(`service-${number}`, `launch.${number}`),
    });
    for (let count = 0; count < few; count++) await settled(() => provider.launch(launch(count), call()));
    const withFew = await oneMore(provider, (round) => launch(`few-${round}`));
    for (let count = few; count < many; count++) await settled(() => provider.launch(launch(count), call()));
    const withMany = await oneMore(provider, (round) => launch(`many-${round}`));
    return [
      atMost(`one more service beside ${many} against one beside ${few}`, withMany / withFew, 1.15, 'x'),
      seen(`one more beside ${few}`, withFew / 1000, 's'),
      seen(`one more beside ${many}`, withMany / 1000, 's'),
    ];
  } finally {
    end();
    rmSync(root, { recursive: true, force: true });
  }
}

/** Milliseconds, the median of some rounds. */
async function oneMore(provider: Provider, launch: (round: number) => LaunchOrder): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const order = launch(round);
    times.push(
      await timed(async () => {
        const instance = await settled(() => provider.launch(order, call()));
        await provider.inspect(instance, health, call());
        await settled(() => provider.terminate(instance.id, 1_000, call()));
      }),
    );
  }
  return median(times);
}
