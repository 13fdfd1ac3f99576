import { openLedgerFile } from '../src/ledger/database.ts';
import { tableRows } from '../src/ledger/rows.ts';
import { deployments, releases } from '../src/ledger/schema.ts';
import { sqliteLedger } from '../src/ledger/sqlite-ledger.ts';
import { isDeploymentOver } from '../src/pipeline/domain/deployment.ts';
import type { ServicePolicy } from '../src/pipeline/domain/policy.ts';
import { isOver } from '../src/pipeline/domain/release.ts';
import type { TaskKind } from '../src/pipeline/domain/task.ts';
import { createEngine, type Engine } from '../src/pipeline/engine/engine.ts';
import { Random } from '../src/selftest/random.ts';
import { SimulatedProcess } from '../src/selftest/simulated/process.ts';
import { SimulatedQueue } from '../src/selftest/simulated/queue.ts';
import { Timeline } from '../src/selftest/simulated/timeline.ts';
import { SimulatedWorker } from '../src/selftest/simulated/worker.ts';
import { commitNamed } from '../test/support/core-world.ts';
import { ada } from '../test/support/policies.ts';
import { type SmallCloud, workOf } from '../test/support/small-cloud.ts';

export const second = 1_000;
export const minute = 60 * second;

/** How long a cloud takes, in virtual time. */
const takes: Partial<Record<TaskKind, number>> = {
  build: 3 * minute,
  bake: 6 * minute,
  launch: 40 * second,
  verify: 2 * minute,
  terminate: 15 * second,
  drain: 10 * second,
};

export interface DayOptions {
  services: number;
  /** Of four hands each. */
  workers: number;
  policyOf(service: string): ServicePolicy;
}

/** An installation of many services in virtual time: the real engine and ledger, and a cloud that takes its time. */
export class Day {
  readonly timeline = new Timeline(new Random(2), 1_000_000);
  readonly #file = openLedgerFile(':memory:');
  readonly #engine: Engine;
  readonly #cloud: SmallCloud;

  constructor({ services, workers, policyOf }: DayOptions) {
    const { timeline } = this;
    const random = new Random(3);
    const queue = new SimulatedQueue(timeline, random);
    const bot = new SimulatedProcess('bot', timeline);
    const names = Array.from({ length: services }, (_, index) => `service-${index}`);
    const silent = { info() {}, warn() {}, error() {} };
    this.#cloud = {
      get now() {
        return timeline.now;
      },
      running: new Set(),
      unwell: new Set(),
      marks: new Map(),
      images: new Map(),
      lostImages: new Set(),
      weights: new Map(),
      bakes: [],
    };
    this.#engine = createEngine({
      ledger: sqliteLedger(this.#file),
      queue: queue.sideOf(bot),
      policies: new Map(names.map((service) => [service, policyOf(service)])),
      now: () => timeline.now,
      log: silent,
      every: { clock: 2 * second, sweep: 10 * second, survey: 5 * minute },
      repeat: (every, work) => bot.every(every, work),
    });
    this.#engine.start();
    for (let index = 0; index < workers; index++) {
      const process = new SimulatedProcess(`worker ${index}`, timeline);
      const worker = new SimulatedWorker(process, queue, timeline, async (attempt) => {
        const usual = takes[attempt.kind] ?? second;
        await process.pause(random.between(usual / 2, (usual * 3) / 2));
        return workOf(this.#cloud, attempt);
      });
      queue.takers.add(worker);
    }
  }

  async push(service: string, count: number): Promise<void> {
    const commit = { ...commitNamed(`${count}`), ref: `branch-${count}` };
    await this.#engine.handle({ do: 'request release', service, commit, by: ada });
  }

  open(): number {
    return this.#releases().filter((release) => !isOver(release)).length;
  }

  /** What became of it all: how long each release took, and how late questions expired that are open for `asksFor`. */
  close(asksFor: number): { times: number[]; late: number; left: number } {
    const all = this.#file.db.select({ id: deployments.id }).from(deployments).all();
    const rows = tableRows(this.#file.db);
    const asked = all.flatMap(({ id }) => rows.deployment(id) ?? []);
    const late = asked
      .filter(({ state }) => state === 'expired')
      .map(({ stages, endedAt = 0 }) => endedAt - ((stages.approve.beganAt ?? 0) + asksFor));
    const left = this.open() + asked.filter((deployment) => !isDeploymentOver(deployment)).length;
    const times = this.#releases().map(
      ({ requestedAt, endedAt = Number.POSITIVE_INFINITY }) => endedAt - requestedAt,
    );
    void this.#engine.stop();
    this.#file.close();
    return { times, late: Math.max(0, ...late), left };
  }

  #releases() {
    return this.#file.db
      .select({ row: releases.row })
      .from(releases)
      .all()
      .map(({ row }) => row);
  }
}
