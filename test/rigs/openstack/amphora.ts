import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type Behind, FrontDoor, membersOf } from './front-door.ts';
import { healthChecker } from './health-checker.ts';
import { asking, type Database, listener, type Octavia } from './octavia-api.ts';

/** Milliseconds that what Octavia says is taken for so: its interface has other work, and each answer costs it a tenth of a second. */
const believed = 700;
const every = 200;
/** The demo has three slots. */
const mostPools = 3;

const listed = z.object({ listeners: z.array(listener) });

/**
 * What stands for the amphora of a load balancer: it opens on this machine the ports of the listeners that Octavia's
 * interface shows, passes requests on to the members behind them, by weight and health as that interface tells them,
 * and checks their health. It is told nothing by Bakery.
 */
export class Amphora {
  readonly #api: Octavia;
  readonly #sql: Database;
  readonly #balancer: string;
  readonly #doors = new Map<number, FrontDoor>();
  readonly #behind = new Map<number, Behind>();
  readonly #stopped = new AbortController();
  readonly #stopChecks: () => Promise<void>;
  readonly #ended: Promise<void>;

  constructor(api: Octavia, sql: Database, balancer: string) {
    const sparing = asking(api, believed);
    this.#api = sparing;
    this.#sql = sql;
    this.#balancer = balancer;
    this.#stopChecks = healthChecker(sparing, sql, balancer, mostPools);
    this.#ended = this.#follow();
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await Promise.all([this.#ended, this.#stopChecks()]);
    for (const door of this.#doors.values()) door.close();
  }

  async #follow(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#look().catch((error: unknown) => console.error(error));
      await pause(every);
    }
  }

  async #look(): Promise<void> {
    const { listeners } = listed.parse(await this.#api(`/listeners?loadbalancer_id=${this.#balancer}`));
    const ports = new Set(listeners.map(({ protocol_port: port }) => port));
    for (const [port, door] of this.#doors)
      if (!ports.has(port)) {
        door.close();
        this.#doors.delete(port);
      }
    for (const { id, protocol_port: port, default_pool_id: pool } of listeners) {
      this.#behind.set(port, { listener: id, members: pool == null ? [] : await membersOf(this.#api, pool) });
      if (!this.#doors.has(port)) await this.#open(port);
    }
  }

  async #open(port: number): Promise<void> {
    const door = new FrontDoor(this.#sql, async () => this.#behind.get(port));
    this.#doors.set(port, door);
    await door.listen(port);
  }
}
