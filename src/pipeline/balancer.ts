import type { Instance } from './domain/instance.ts';
import type { Mark } from './domain/marked.ts';
import type { HealthCheck } from './domain/service-file.ts';
import type { Frontend } from './domain/task.ts';
import type { At } from './domain/time.ts';
import type { Call, Reply } from './provider.ts';

/** One member as the balancer itself sees it. */
export interface Member {
  /** The instance's id. */
  instance: string;
  address: string;
  /** 0 to 100, relative to the others. At 0 it gets no traffic unless every weighted member is unhealthy. */
  weight: number;
  /** By the balancer's own checks. `unknown` until the first one ended. */
  health: 'healthy' | 'unhealthy' | 'unknown';
  draining: boolean;
  inFlight: number;
  /** Requests answered since it was attached, and those that failed (reset, timeout, 5xx). */
  requests: number;
  failed: number;
}

/** An instance that is put behind a balancer, with the mark that it was made under where that is known. */
export interface Admitted extends Instance {
  mark?: Mark;
}

export interface SlotTraffic {
  frontend: Frontend;
  /** The highest epoch that has changed this slot. */
  epoch: number;
  members: Member[];
}

/** What a script that moves traffic without Bakery is made from. */
export interface ShiftScriptOrder {
  frontend: Frontend;
  health: HealthCheck;
  epoch: number;
}

/** An instance that is being started, and the path at which its health will be asked. */
export interface Expected {
  /** Of no other that is started in the slot. */
  key: string;
  /** Once it is known. */
  address?: string;
  path: string;
}

/**
 * What spreads a slot's traffic over its instances by weight. Its state says what is, the ledger what should be.
 * Calls are idempotent and verified by reading back. A change with an epoch below the slot's is refused with the
 * fault `fenced` and changes nothing. It takes an unhealthy member out by itself and puts it back when it is
 * healthy, also when Bakery is away. Failures throw ProviderError.
 */
export interface Balancer {
  readonly name: string;
  /** What is so now; an unknown slot has no members and epoch 0. */
  members(frontend: Frontend, call: Call): Promise<SlotTraffic>;
  /**
   * Told that an instance is being started, until when it may come, and where it is once that is known: its checks begin, so
   * that they need not be waited for. Until a time that is over: it does not come. Who serves, and how much, stays as it is; a
   * balancer that lets nobody wait for checks leaves it out.
   */
  expect?(frontend: Frontend, expected: Expected, until: At, call: Call): Promise<void>;
  /**
   * Adds a member at weight 0, or finds it. Opens the slot's front door when it is the first. Where members can carry
   * a mark, it carries the instance's: so it is found when nothing else tells of it.
   */
  attach(
    frontend: Frontend,
    instance: Admitted,
    health: { path: string },
    epoch: number,
    call: Call,
  ): Promise<void>;
  /**
   * Sets all weights in one step, those not named to 0 (a drained member's draining is turned off when it gets
   * weight). Refused with `unhealthy` when that would leave the slot without a healthy weighted member.
   */
  shift(frontend: Frontend, weights: Record<string, number>, epoch: number, call: Call): Promise<SlotTraffic>;
  /** No new requests; ready when none is in flight or the deadline has passed. */
  drain(frontend: Frontend, instance: string, deadline: At, epoch: number, call: Call): Promise<Reply<void>>;
  /** Takes it out; gone already is fine. Refused with `unhealthy` for the last healthy weighted member. */
  detach(frontend: Frontend, instance: string, epoch: number, call: Call): Promise<void>;
  /** Where the slot's front door is reached from a worker: `http://host:port`, whether or not it is open. */
  frontDoor(frontend: Frontend, call: Call): Promise<string>;
  /**
   * Lines of bash (see `script.ts`) that give all traffic of a slot to the instances in the arrays `$instances` (ids)
   * and `$addresses`, evenly, once the balancer calls them healthy. They act under `epoch`, or the slot's own when that
   * is higher, so that whoever acts under a lower one is fenced from then on.
   */
  shiftScript(order: ShiftScriptOrder): string[];
}
