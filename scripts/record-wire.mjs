// Records what bot and workers of this version say to each other, to be compared with later versions: for each kind of
// task what every order and every answer holds, and one order of each. Once per release, after `npm run build`:
//   node scripts/record-wire.mjs test/pipeline/wire/VERSION.json
import { writeFileSync } from 'node:fs';
import { SimulatedQueue } from '../dist/selftest/simulated/queue.js';
import { runSeed } from '../dist/selftest/simulated/seeds.js';
import { pathsOf } from '../test/pipeline/wire/paths.mjs';

const seeds = 40;
const orders = {};
const always = {};
const answers = {};
const kinds = new Map();
const shorter = (one, other) => JSON.stringify(one).length < JSON.stringify(other).length;

/** Keeps of what is held under a key only the paths that this value has too. */
function keep(into, key, value) {
  const paths = pathsOf(value);
  into[key] = (into[key] ?? paths).filter((path) => paths.includes(path));
}

const { sideOf, report } = SimulatedQueue.prototype;
SimulatedQueue.prototype.sideOf = function (process) {
  const side = sideOf.call(this, process);
  const add = (attempt, delay) => {
    const travelled = JSON.parse(JSON.stringify(attempt));
    const { kind, effect, generation, attempt: number } = travelled;
    kinds.set(`${effect}.${generation}.${number}`, kind);
    if (orders[kind] === undefined || shorter(orders[kind], travelled)) orders[kind] = travelled;
    keep(always, kind, travelled);
    return side.add(attempt, delay);
  };
  return { ...side, add };
};
SimulatedQueue.prototype.report = function (id, token, outcome) {
  keep(answers, `${kinds.get(id)}: ${outcome.is}`, JSON.parse(JSON.stringify(outcome)));
  return report.call(this, id, token, outcome);
};

for (let seed = 1; seed <= seeds; seed += 1) {
  await runSeed(seed);
  kinds.clear();
}
const sorted = (record) =>
  Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)));
const recorded = { orders: sorted(orders), everyOrder: sorted(always), everyAnswer: sorted(answers) };
writeFileSync(process.argv[2], `${JSON.stringify(recorded, null, 2)}\n`);
