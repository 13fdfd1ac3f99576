import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Millis } from '../../pipeline/domain/time.ts';
import { type Call, ProviderError } from '../../pipeline/provider.ts';
import { OpenStackError } from '../../providers/openstack/faults.ts';
import type { Session } from '../../providers/openstack/session.ts';
import { balancerSchema, type LoadBalancer } from './objects.ts';

/** Milliseconds that a load balancer may be locked by changes until the task gives up for now. */
const longest: Millis = 12_000;
const between: Millis = 250;

/** A clock that never goes back, and waiting by it; for tests to replace. */
export interface Means {
  now(): Millis;
  pause(ms: Millis, signal: AbortSignal): Promise<unknown>;
}
const onThisMachine: Means = {
  now: () => performance.now(),
  pause: (ms, signal) => sleep(ms, undefined, { signal }),
};

/**
 * Octavia locks a whole load balancer for each change of anything below it: a change is asked for, waited out, and
 * asked for again when somebody else's came first (409).
 */
export class Changing {
  readonly #session: Session;
  readonly #id: string;
  readonly #means: Means;

  constructor(session: Session, id: string, means: Means = onThisMachine) {
    this.#session = session;
    this.#id = id;
    this.#means = means;
  }

  /** Does one change; resolves when it is done, or when `isDone` says that somebody else did it. */
  async change(
    ask: () => Promise<unknown>,
    call: Call,
    isDone: () => Promise<boolean> = async () => false,
  ): Promise<void> {
    const deadline = this.#means.now() + longest;
    for (;;) {
      await this.#free(deadline, call);
      try {
        await ask();
        return await this.#free(deadline, call);
      } catch (error) {
        if (!(error instanceof OpenStackError) || error.status !== 409) throw error;
        if (await isDone()) return;
        if (this.#means.now() > deadline) throw busy(error);
        await this.#wait(call);
      }
    }
  }

  /** Resolves when nothing is being changed. */
  settled(call: Call): Promise<void> {
    return this.#free(this.#means.now() + longest, call);
  }

  /** Throws at once for a state that nobody waits through. */
  async #free(deadline: number, call: Call): Promise<void> {
    for (;;) {
      const { provisioning_status: status } = await this.look(call);
      if (status === 'ACTIVE') return;
      if (!status.startsWith('PENDING_'))
        throw new ProviderError(
          'unexpected state',
          `Octavia says that the load balancer ${this.#id} is ${status}. What serves was left as it is; a failover by the cloud's operators brings it back.`,
        );
      if (this.#means.now() > deadline) throw busy(undefined);
      await this.#wait(call);
    }
  }

  async #wait({ signal }: Call): Promise<void> {
    try {
      await this.#means.pause(between, signal);
    } catch (cause) {
      throw new ProviderError('aborted', 'Waiting for the load balancer was cancelled.', { cause });
    }
  }

  async look({ signal }: Pick<Call, 'signal'>): Promise<LoadBalancer> {
    const path = `/loadbalancers/${this.#id}`;
    const question = { service: 'load-balancer', path, doing: 'look at the load balancer' } as const;
    const schema = z.object({ loadbalancer: balancerSchema });
    return (await this.#session.ask(question, schema, signal)).loadbalancer;
  }
}

const busy = (cause: unknown): ProviderError =>
  new ProviderError(
    'busy',
    `The load balancer was locked by other changes for ${longest / 1_000} s. Bakery tries again.`,
    { cause },
  );
