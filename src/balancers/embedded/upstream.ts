import type { Member } from '../../pipeline/balancer.ts';
import type { SavedMember } from '../rules.ts';
import { type HealthOptions, watchHealth } from './health-check.ts';
import type { Log } from './log.ts';
import { Pool } from './pool.ts';

/** Looks in a row that must say the same before a known health changes. */
const fall = 2;
const rise = 2;

/** One member as it runs: its connections, its health, its counters. */
export class Upstream {
  pool: Pool;
  health: Member['health'] = 'unknown';
  /** The round robin's memory. */
  turn = 0;
  inFlight = 0;
  requests = 0;
  failed = 0;
  #saved: SavedMember;
  #streak = 0;
  readonly #log: Log;
  readonly #checks: { now(): void; stop(): void };

  constructor(saved: SavedMember, options: HealthOptions, log: Log) {
    this.#saved = saved;
    this.#log = log;
    this.pool = connect(saved.address);
    this.#checks = watchHealth(
      () => this.#saved,
      options,
      (ok, because) => this.#checked(ok, because),
    );
  }

  get weight(): number {
    return this.#saved.weight;
  }
  get draining(): boolean {
    return this.#saved.draining;
  }
  get id(): string {
    return this.#saved.instance;
  }

  /** Takes over what was decided. A new address is a new thing to get to know. */
  update(saved: SavedMember): void {
    const moved = saved.address !== this.#saved.address;
    if (saved.weight !== this.#saved.weight) this.turn = 0;
    this.#saved = saved;
    if (!moved) return;
    void this.pool.close();
    this.pool = connect(saved.address);
    this.health = 'unknown';
    this.#streak = 0;
    this.#checks.now();
  }

  /** A connection could not be made: no more traffic until the checks say otherwise. */
  eject(because: string): void {
    this.#become('unhealthy', because);
    this.#checks.now();
  }

  /** Something went wrong that a check should look at now. */
  suspect(): void {
    this.#checks.now();
  }

  report(): Member {
    const { instance, address, weight, draining } = this.#saved;
    const { health, inFlight, requests, failed } = this;
    return { instance, address, weight, health, draining, inFlight, requests, failed };
  }

  /** No more checks and no new requests; those in flight end by themselves. */
  close(): void {
    this.#checks.stop();
    void this.pool.close();
  }

  #checked(ok: boolean, because: string): void {
    const wanted = ok ? 'healthy' : 'unhealthy';
    if (wanted === this.health) {
      this.#streak = 0;
      return;
    }
    this.#streak += 1;
    if (this.#streak >= this.#needed(ok)) this.#become(wanted, because);
  }

  /** The first look at a newcomer decides; a weighted member that is met again after a restart gets a second one. */
  #needed(ok: boolean): number {
    if (this.health === 'unknown') return ok || this.weight === 0 ? 1 : fall;
    return ok ? rise : fall;
  }

  #become(health: Member['health'], because: string): void {
    this.#streak = 0;
    if (this.health === health) return;
    this.#log('a member changed its health', { instance: this.id, from: this.health, to: health, because });
    this.health = health;
  }
}

function connect(address: string): Pool {
  return new Pool(new URL(address).origin, {
    connections: null,
    pipelining: 1,
    connect: { timeout: 3000 },
    keepAliveTimeout: 4000,
    headersTimeout: 120_000,
    bodyTimeout: 0,
  });
}
