import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Outcome } from '../../../src/pipeline/domain/task.ts';
import type { Attempt } from '../../../src/pipeline/task-queue.ts';
import { taskRunner } from '../../../src/pipeline/worker.ts';
import { faultyBalancer } from '../../../src/selftest/cloud/balancer.ts';
import { FaultyCloud } from '../../../src/selftest/cloud/faulty-cloud.ts';
import { noProbes } from '../../../src/selftest/cloud/no-probes.ts';
import { faultyProvider } from '../../../src/selftest/cloud/provider.ts';
import { selftestCommands } from '../../../src/selftest/commands.ts';
import { memoryStore } from '../../../src/selftest/memory-store.ts';
import { SimulatedQueue } from '../../../src/selftest/simulated/queue.ts';
import { runSeed } from '../../../src/selftest/simulated/seeds.ts';
import { wireTo } from '../../support/faulty-wire.ts';
import { pathsOf } from './paths.mjs';

/** What scripts/record-wire.mjs kept of a version. */
interface Recorded {
  orders: Record<string, Attempt>;
  everyOrder: Record<string, string[]>;
  everyAnswer: Record<string, string[]>;
}

const here = fileURLToPath(new URL('.', import.meta.url));
const versions = readdirSync(here)
  .filter((name) => name.endsWith('.json'))
  // Recorded by a script of ours, in this shape.
  .map((name) => [name.replace('.json', ''), JSON.parse(readFileSync(here + name, 'utf8'))] as const)
  .map(([version, recorded]): [string, Recorded] => [version, recorded]);

/** All that bot and workers of this version say to each other while these seeds run, by kind. */
async function said(seeds: number[]) {
  const orders: Attempt[] = [];
  const answers: { of: string; outcome: Outcome }[] = [];
  const { sideOf, report } = SimulatedQueue.prototype;
  onTestFinished(() => void Object.assign(SimulatedQueue.prototype, { sideOf, report }));
  const kinds = new Map<string, string>();
  SimulatedQueue.prototype.sideOf = function (process) {
    const side = sideOf.call(this, process);
    return {
      ...side,
      add: (attempt, delay) => {
        kinds.set(`${attempt.effect}.${attempt.generation}.${attempt.attempt}`, attempt.kind);
        orders.push(JSON.parse(JSON.stringify(attempt)));
        return side.add(attempt, delay);
      },
    };
  };
  SimulatedQueue.prototype.report = function (id, token, outcome) {
    answers.push({ of: `${kinds.get(id)}: ${outcome.is}`, outcome });
    return report.call(this, id, token, outcome);
  };
  for (const seed of seeds) await runSeed(seed);
  return { orders, answers };
}

const missing = (recorded: string[] | undefined, value: unknown): string[] => {
  const paths = new Set(pathsOf(value));
  return (recorded ?? []).filter((path) => !paths.has(path));
};

describe.each(versions)(
  'bot and workers of this version and of %s',
  (_, { orders, everyOrder, everyAnswer }) => {
    it('say all that the other one reads, in the shape that it had', async () => {
      const now = await said([1, 5]);
      for (const order of now.orders)
        expect(missing(everyOrder[order.kind], order), `an order to ${order.kind}`).toEqual([]);
      for (const { of, outcome } of now.answers)
        expect(missing(everyAnswer[of], outcome), `an answer, ${of}`).toEqual([]);
      const compared = new Set(now.orders.map(({ kind }) => kind).filter((kind) => kind in everyOrder));
      expect(compared.size).toBeGreaterThanOrEqual(10);
    });

    it.each(Object.values(orders))(
      'a worker of this version understands an order to $kind',
      async (order) => {
        const wire = wireTo(new FaultyCloud({ tokens: true, ...quick }), () => 1_000_000);
        const bugs: unknown[] = [];
        const run = taskRunner({
          tools: {
            provider: () => faultyProvider(wire, 1),
            balancer: () => faultyBalancer(wire, () => 1_000_000),
            probe: noProbes,
            store: memoryStore(),
            commands: selftestCommands(async () => undefined, 1),
            secret: async () => '',
            scratch: tmpdir(),
            now: () => 1_000_000,
            pause: async () => undefined,
          },
          onBug: (_attempt, error) => bugs.push(error),
        });
        const { signal } = new AbortController();
        const outcome = await run(order, { signal, leaseLeft: () => 60_000, progress: () => undefined });
        expect(bugs).toEqual([]);
        if (outcome.is === 'failed') expect(outcome.failure.fault).toBe(inAnEmptyCloud[order.kind]);
        else expect(inAnEmptyCloud).not.toHaveProperty(order.kind);
      },
    );
  },
);

const quick = { bakeTime: 0, startTime: 0, endTime: 0, checkTime: 0, flightTime: 0 };

/** What is ordered is about things that this cloud and this store have never held. */
const inAnEmptyCloud: Record<string, string> = {
  bake: 'unexpected state',
  launch: 'unknown image',
  shift: 'unexpected state',
  watch: 'exited',
};
