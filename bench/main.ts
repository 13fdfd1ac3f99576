import { mkdirSync, writeFileSync } from 'node:fs';
import { atRest } from './at-rest.ts';
import { busyDay } from './busy-day.ts';
import { bake } from './docker/bake.ts';
import { release } from './docker/release.ts';
import { rollback } from './docker/rollback.ts';
import { services } from './docker/services.ts';
import type { Figure } from './figure.ts';
import { flood } from './flood.ts';
import { ledgerSize } from './ledger-size.ts';
import { manyDays } from './many-days.ts';
import { manyInFlight } from './many-in-flight.ts';
import { ownCost } from './own-cost.ts';
import { handOver, throughput } from './queue-costs.ts';
import { selects } from './selects.ts';

/** What is measured, by the name under which it can be asked for. */
const figures: Record<string, () => Promise<Figure[]>> = {
  'own-cost': ownCost,
  'hand-over': handOver,
  throughput,
  'in-flight': manyInFlight,
  'busy-day': busyDay,
  'many-days': manyDays,
  'ledger-size': ledgerSize,
  'at-rest': atRest,
  'docker-bake': bake,
  'docker-rollback': rollback,
  'docker-release': release,
  'docker-services': services,
  flood,
  selects,
};

const asked = process.argv.slice(2);
/** `docker` asks for all that begin with it. */
const asksFor = (word: string, name: string): boolean => name === word || name.startsWith(`${word}-`);
const unknown = asked.filter((word) => !Object.keys(figures).some((name) => asksFor(word, name)));
if (unknown.length > 0) {
  console.error(`There is no figure ${unknown.join(', ')}. There are: ${Object.keys(figures).join(', ')}.`);
  process.exit(2);
}

const results: Figure[] = [];
for (const [name, measure] of Object.entries(figures)) {
  if (asked.length > 0 && !asked.some((word) => asksFor(word, name))) continue;
  if (asksFor('docker', name) && process.env.BAKERY_TEST_DOCKER_URL === undefined) {
    console.log(
      '\ndocker: left out, since there is no dockerd here. `npm run bench -- docker` installs it, as root.',
    );
    continue;
  }
  console.log(`\n${name}`);
  for (const figure of await measure()) {
    results.push(figure);
    const limit = figure.limit === 0 ? '' : `  (limit ${figure.limit})`;
    console.log(`  ${figure.ok ? 'ok  ' : 'MISS'} ${figure.name}: ${figure.value} ${figure.unit}${limit}`);
  }
}
mkdirSync('bench', { recursive: true });
if (asked.length === 0) writeFileSync('bench/results.json', `${JSON.stringify(results, undefined, 2)}\n`);
process.exit(results.every(({ ok }) => ok) ? 0 : 1);
