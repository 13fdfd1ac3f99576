import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type Behind, FrontDoor, membersOf } from './front-door.ts';
import { healthChecker } from './health-checker.ts';
import { type Database, listener, type Octavia, remembering } from './octavia-api.ts';

const every = 50;
/** Changes with whatever of a load balancer can change: an answer of the interface costs it a tenth of a second, this does not. */
const fingerprint = `SELECT MD5(CONCAT_WS(' ',
  (SELECT GROUP_CONCAT(id, IFNULL(default_pool_id, ''), provisioning_status ORDER BY id) FROM listener),
  (SELECT GROUP_CONCAT(id, provisioning_status ORDER BY id) FROM pool),
  (SELECT GROUP_CONCAT(id, provisioning_status ORDER BY id) FROM health_monitor),
  (SELECT GROUP_CONCAT(id, weight, backup, provisioning_status, operating_status ORDER BY id) FROM member)))`;
/** The demo has three slots. */
const mostPools = 3;

const listed = z.object({ listeners: z.array(listener) });

/**
 * What stands for the amphora of a load balancer: it opens on this machine the ports of the listeners that Octavia's
 * interface shows, passes requests on to the members behind them, by weight and health as that interface tells them,
 * and checks their health. It is told nothing by Bakery.
 */
export class Amphora {
  readonly #api: ReturnType<typeof remembering>;
  #seen = '';
  readonly #sql: Database;
  readonly #balancer: string;
  readonly #doors = new Map<number, FrontDoor>();
  readonly #behind = new Map<number, Behind>();
  readonly #stopped = new AbortController();
  readonly #stopChecks: () => Promise<void>;
  readonly #ended: Promise<void>;

  constructor(api: Octavia, sql: Database, balancer: string) {
    this.#api = remembering(api);
    this.#sql = sql;
    this.#balancer = balancer;
    this.#stopChecks = healthChecker(this.#api, sql, balancer, mostPools);
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

  /** An amphora is told of a change before Octavia calls it done: this one looks for changes all the time. */
  async #look(): Promise<void> {
    const seen = await this.#sql.ask(fingerprint);
    if (seen === this.#seen) return;
    this.#api.forget();
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
    this.#seen = seen;
  }

  async #open(port: number): Promise<void> {
    const door = new FrontDoor(this.#sql, async () => this.#behind.get(port));
    this.#doors.set(port, door);
    await door.listen(port);
  }
}
