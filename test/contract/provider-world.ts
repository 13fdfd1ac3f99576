import { createReadStream } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { withoutSecrets } from '../../src/ops/log.ts';
import type { ServicePolicy } from '../../src/pipeline/domain/policy.ts';
import type { ServiceFile } from '../../src/pipeline/domain/service-file.ts';
import type { Outcome } from '../../src/pipeline/domain/task.ts';
import type { Provider } from '../../src/pipeline/provider.ts';
import type { Attempt } from '../../src/pipeline/task-queue.ts';
import type { TaskTools } from '../../src/pipeline/tasks/contract.ts';
import { taskRunner } from '../../src/pipeline/worker.ts';
import { noProbes } from '../../src/selftest/cloud/no-probes.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { CoreWorld } from '../support/core-world.ts';
import { fakeBalancer } from '../support/fake-balancer.ts';
import { freeCall, settle } from '../support/settle.ts';
import { taskTools } from '../support/task-bench.ts';
import { tempFolder } from '../support/temp-folder.ts';
import type { ProviderRig } from './provider.ts';

/** What only a cloud can answer; what is built and tested is made up. */
const pretended: Attempt['kind'][] = ['build', 'verify', 'script', 'rehearse'];

/** The real core, engine, ledger and tasks before a real cloud; the clock goes on as the real one, and jumps where nothing has to happen. */
export class ProviderWorld extends CoreWorld {
  readonly #balancer = fakeBalancer(() => this.now);
  readonly #store = directoryStore(tempFolder());
  readonly #provider: Provider;
  readonly #rig: ProviderRig;
  readonly #file: ServiceFile;
  readonly #secret: Pick<TaskTools, 'secret'> | undefined;
  #ahead = 0;

  constructor(
    rig: ProviderRig,
    servicePolicy: ServicePolicy,
    file: ServiceFile,
    secret?: Pick<TaskTools, 'secret'>,
  ) {
    super(servicePolicy);
    this.#provider = rig.provider;
    this.#rig = rig;
    this.#file = file;
    this.#secret = secret;
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
    const recipe = { ...this.#file.recipe, base: this.#rig.base };
    return { is: 'done', result: { package: made.package, file: { ...this.#file, recipe } } };
  }

  #really(attempt: Attempt): Promise<Outcome> {
    const tools = taskTools(this.#provider, {
      balancer: () => this.#balancer,
      probe: noProbes,
      store: this.#store,
      now: () => this.now,
      ...this.#secret,
    });
    const onBug = (_: Attempt, error: unknown): never => {
      throw error;
    };
    const { signal } = new AbortController();
    const control = { signal, leaseLeft: () => 60_000, progress: () => undefined };
    return taskRunner({ tools, onBug, clean: withoutSecrets })(attempt, control);
  }

  /** All that the attempts of a kind wrote to their logs, in this environment. */
  async logOf(kind: Attempt['kind'], environment: string): Promise<string> {
    const logs = this.attempts
      .filter(({ input }) => (input as { mark?: { environment: string } }).mark?.environment === environment)
      .flatMap((attempt) => (attempt.kind === kind ? attempt.log : []));
    const texts = await Promise.all([...new Set(logs)].map((log) => this.#store.readLog(log)));
    return texts.join('');
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

  /** Takes down all that is left in the cloud. */
  async end(): Promise<void> {
    for (const { what, id } of await this.#provider.list(this.ledger.owner, freeCall()))
      await settle<unknown>(
        () =>
          what === 'image'
            ? this.#provider.removeImage(id, freeCall())
            : this.#provider.terminate(id, 0, freeCall()),
        this.#rig.wait,
      );
  }
}
