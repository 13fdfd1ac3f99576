import { decide } from '../decide/decide.ts';
import type { Decision } from '../decide/draft.ts';
import { type Actor, theClock } from '../domain/actor.ts';
import { type Answer, isRefusal, type PipelineCommand, type Refusal, refuse } from '../domain/command.ts';
import type { Facts } from '../domain/facts.ts';
import type { Inventory } from '../domain/marked.ts';
import type { TaskId } from '../domain/task.ts';
import type { At } from '../domain/time.ts';
import type { Named } from '../ledger.ts';
import type { EngineParts } from './parts.ts';

/** A decision on facts, and what of the queue ends with it. */
export interface Request {
  service: string;
  named: Named;
  by: Actor;
  ends?: TaskId & { attempt: number; as: 'done' | 'failed' | 'cancelled' };
  decide(facts: Facts, now: At): Decision | Refusal;
}

/** More than enough: decisions about one service come one after the other in this process. */
const mostTries = 10;

/** Loads, decides and commits; again when the facts had moved meanwhile. One at a time for each service. */
export class Deciding {
  readonly #parts: EngineParts;
  readonly #committed: () => void;
  readonly #inventories: Inventory[] = [];
  readonly #lines = new Map<string, Promise<unknown>>();

  constructor(parts: EngineParts, committed: () => void) {
    this.#parts = parts;
    this.#committed = committed;
  }

  command(command: PipelineCommand): Promise<Answer> {
    const { service, by } = command;
    return this.request({
      service,
      named: namedBy(command),
      by,
      decide: (facts, now) => decide(facts, command, now),
    });
  }

  /** Resolves when it is committed. A refusal, and what came too late to count, changes nothing. */
  request(request: Request): Promise<Answer> {
    const before = this.#lines.get(request.service) ?? Promise.resolve();
    const mine = before.then(() => this.#try(request));
    const settled = mine.catch(() => undefined);
    this.#lines.set(request.service, settled);
    settled.then(() => {
      if (this.#lines.get(request.service) === settled) this.#lines.delete(request.service);
    });
    return mine;
  }

  /** The end of a provider's inventory: kept, and handed to the clock. It concerns no single service. */
  async inventoried(ends: NonNullable<Request['ends']>, inventory: Inventory | undefined): Promise<void> {
    const { ledger, now } = this.#parts;
    const kept = inventory === undefined ? {} : { inventory };
    const nothing = { expect: {}, events: [], texts: {}, orders: [], stop: [], channel: '' };
    const committed = await ledger.commit({ at: now(), by: theClock, ...nothing, ends, ...kept });
    if (committed === 'committed' && inventory !== undefined) this.#inventories.push(inventory);
  }

  /** Inventories that came since the last call. */
  takeInventories(): Inventory[] {
    return this.#inventories.splice(0);
  }

  async idle(): Promise<void> {
    await Promise.all(this.#lines.values());
  }

  async #try(request: Request): Promise<Answer> {
    const { ledger, policies, now } = this.#parts;
    const policy = policies.get(request.service);
    if (policy === undefined) {
      return refuse(
        'unknown service',
        `There is no service ${request.service}. See /bake status for what there is.`,
      );
    }
    for (let tries = 0; tries < mostTries; tries++) {
      const { facts, versions } = await ledger.load(request.service, request.named);
      const at = now();
      const whole = { ...facts, policy };
      const decision = request.decide(whole, at);
      if (isRefusal(decision)) return decision;
      const { events, texts, orders, stop, answer } = decision;
      const committed = await ledger.commit({
        at,
        by: request.by,
        expect: versions,
        events,
        texts,
        orders,
        stop,
        channel: policy.channel,
        ...(request.ends === undefined ? {} : { ends: request.ends }),
      });
      if (committed === 'stale') return refuse('stale', 'This attempt does not count any more.');
      if (committed === 'conflict') continue;
      this.#parts.observe?.(events, whole, at);
      this.#committed();
      return answer;
    }
    throw new Error(`The facts about ${request.service} moved ${mostTries} times while a decision was made.`);
  }
}

function namedBy(command: PipelineCommand): Named {
  return {
    version: 'version' in command ? command.version : undefined,
    deployment: 'deployment' in command ? command.deployment : undefined,
    sha: command.do === 'request release' ? command.commit.sha : undefined,
  };
}
