import { createReadStream } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { messages } from '../../src/ledger/schema.ts';
import type { HealthCheck } from '../../src/pipeline/domain/service-file.ts';
import type { Outcome } from '../../src/pipeline/domain/task.ts';
import { type Provider, ProviderError } from '../../src/pipeline/provider.ts';
import type { Attempt } from '../../src/pipeline/task-queue.ts';
import { taskOf } from '../../src/pipeline/tasks/index.ts';
import { noProbes } from '../../src/selftest/cloud/no-probes.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { CoreWorld, failed } from '../support/core-world.ts';
import { fakeBalancer } from '../support/fake-balancer.ts';
import { environment, policy, serviceFile } from '../support/policies.ts';
import { freeCall, settle } from '../support/settle.ts';
import { taskCall, taskTools } from '../support/task-bench.ts';
import { tempFolder } from '../support/temp-folder.ts';
import type { ProviderRig } from './provider.ts';

const health: HealthCheck = { path: '/healthz', within: 20_000 };
/** What only a cloud can answer; what is built and tested is made up. */
const pretended: Attempt['kind'][] = ['build', 'verify', 'script', 'rehearse'];

/** The real core, engine, ledger and tasks before a real cloud; the clock goes on as the real one, and jumps where nothing has to happen. */
class ProviderWorld extends CoreWorld {
  readonly #balancer = fakeBalancer(() => this.now);
  readonly #store = directoryStore(tempFolder());
  readonly #provider: Provider;
  readonly #rig: ProviderRig;
  readonly #health: HealthCheck;
  #ahead = 0;

  constructor(rig: ProviderRig, health: HealthCheck) {
    const { name } = rig.provider;
    super(policy({ provider: name, environments: [environment('dev', 4001, { provider: name, count: 2 })] }));
    this.#provider = rig.provider;
    this.#rig = rig;
    this.#health = health;
    this.now = Date.now();
    this.say = (attempt) => {
      if (attempt.kind !== 'build' && pretended.includes(attempt.kind)) return undefined;
      const work = attempt.kind === 'build' ? this.#build() : this.#really(attempt);
      work.then((outcome) => {
        this.hanging.splice(0, Number.POSITIVE_INFINITY, ...this.hanging.filter((one) => one !== attempt));
        this.queue.end(attempt, outcome);
      });
      return 'hang';
    };
  }

  async #build(): Promise<Outcome> {
    const made = await this.#rig.package('held');
    await this.#store.put(createReadStream(made.packageFile));
    const recipe = { ...serviceFile.recipe, base: this.#rig.base, start: this.#rig.start.serves };
    return {
      is: 'done',
      result: { package: made.package, file: { ...serviceFile, recipe, health: this.#health } },
    };
  }

  async #really(attempt: Attempt): Promise<Outcome> {
    const tools = taskTools(this.#provider, {
      balancer: () => this.#balancer,
      probe: noProbes,
      store: this.#store,
      now: () => this.now,
    });
    try {
      return await taskOf(attempt.kind).run(attempt.input, tools, taskCall({ known: attempt.known }).call);
    } catch (error) {
      if (error instanceof ProviderError) return failed(error.fault, error.message);
      throw error;
    }
  }

  /** Lets time pass until it is so, at most as long of the real clock. */
  async until(isSo: () => boolean, jump: number, patience: number): Promise<void> {
    for (const end = Date.now() + patience; !isSo() && Date.now() < end; ) {
      this.now = Date.now() + this.#ahead;
      const moved = await this.round();
      if (!moved && this.hanging.length === 0 && jump > 0) {
        this.#ahead += jump;
        this.now += jump;
        await this.survey();
      }
      await pause(20);
    }
    expect(
      isSo(),
      JSON.stringify([this.releases(), this.deploymentIds().map((id) => this.deployment(id))]),
    ).toBe(true);
  }
}

const serving = (world: CoreWorld): string[] =>
  world.ledgerSlot('dev')?.live?.instances.map(({ id }) => id) ?? [];
const isQuiet = (world: CoreWorld): boolean => world.ledgerSlot('dev')?.open.length === 0;
const isRepairing = (world: CoreWorld): boolean =>
  world.deploymentIds().some((id) => world.deployment(id).kind === 'repair');

/** For clouds whose machines have to boot: how long each step of it is waited for. */
const atOnce = { patience: 60_000, health };

/** A slot held at its count in a cloud: what somebody takes away there is replaced, and said. */
export const heldContract = (title: string, make: () => Promise<ProviderRig>, times = atOnce): void => {
  const { patience } = times;
  it(
    title,
    async () => {
      const rig = await make();
      const world = new ProviderWorld(rig, times.health);
      await world.push('one');
      await world.until(() => serving(world).length === 2 && isQuiet(world), 0, patience);
      const [lost = '', well = ''] = serving(world);
      await settle(() => rig.another().terminate(lost, 0, freeCall()), rig.wait);
      const since = world.now;
      // A minute is what it takes to notice it and to order another; a machine's own boot comes on top.
      await world.until(() => isRepairing(world), 15_000, patience);
      expect(world.now - since).toBeLessThan(60_000);
      await world.until(() => !serving(world).includes(lost) && isQuiet(world), 0, patience);
      expect(serving(world)[0]).toBe(well);
      expect(serving(world)).toHaveLength(2);
      for (const instance of world.slot('dev').live?.instances ?? [])
        expect(await rig.provider.inspect(instance, times.health, freeCall())).toEqual({
          state: 'running',
          healthy: true,
        });
      const said = world.file.db.select().from(messages).all();
      expect(said.filter(({ content }) => content.kind === 'notice')).toHaveLength(1);
      for (const { what, id } of await rig.provider.list(world.ledger.owner, freeCall())) {
        const end = () =>
          what === 'image'
            ? rig.provider.removeImage(id, freeCall())
            : rig.provider.terminate(id, 0, freeCall());
        await settle<unknown>(end, rig.wait);
      }
    },
    3 * patience,
  );
};
