import type { SlotTraffic } from '../../pipeline/balancer.ts';
import type { Healthy, SavedSlot } from '../rules.ts';
import { FrontDoor } from './front-door.ts';
import type { HealthOptions } from './health-check.ts';
import type { Log } from './log.ts';
import { pick } from './pick.ts';
import { Upstream } from './upstream.ts';

export interface SlotOptions {
  host: string;
  health: HealthOptions;
  log: Log;
}

/** One slot as it runs: its front door and its members. Follows what was decided and kept. */
export class RunningSlot {
  saved: SavedSlot;
  #door: FrontDoor | undefined;
  #opening: NodeJS.Timeout | undefined;
  #members = new Map<string, Upstream>();
  readonly #options: SlotOptions;

  constructor(slot: string, port: number, options: SlotOptions) {
    this.saved = { slot, port, epoch: 0, members: [] };
    this.#options = options;
  }

  healthy(): Healthy {
    return new Set([...this.#members.values()].filter((m) => m.health === 'healthy').map((m) => m.id));
  }

  traffic(): SlotTraffic {
    const { slot, port, epoch } = this.saved;
    const members = [...this.#members.values()].map((member) => member.report());
    return { frontend: { slot, port }, epoch, members };
  }

  /** Opens the door that `wanted` needs and returns what closes it again. Throws `port in use`, `denied`. */
  async prepare(wanted: SavedSlot): Promise<{ take(): void; leave(): void }> {
    const old = this.#door;
    const needed = wanted.members.length > 0;
    if (needed && old?.port === wanted.port) return { take: () => undefined, leave: () => undefined };
    const door = needed ? await this.#open(wanted.port) : undefined;
    return {
      take: () => {
        clearTimeout(this.#opening);
        this.#door = door;
        void old?.close();
      },
      leave: () => void door?.close(),
    };
  }

  /** Members, weights and draining are as in `saved` from the next request on. */
  follow(saved: SavedSlot): void {
    this.saved = saved;
    const members = new Map<string, Upstream>();
    for (const member of saved.members) {
      const known = this.#members.get(member.instance);
      known?.update(member);
      members.set(member.instance, known ?? new Upstream(member, this.#options.health, this.#options.log));
    }
    for (const [id, member] of this.#members) if (!members.has(id)) member.close();
    this.#members = members;
  }

  /** After a restart: comes back with what was kept; a port that is still taken is tried again every second. */
  async resume(saved: SavedSlot): Promise<void> {
    if (this.saved !== saved) this.follow(saved);
    if (saved.members.length === 0 || this.#door) return;
    try {
      this.#door = await this.#open(saved.port);
    } catch (error) {
      this.#options.log('a front door does not open yet', { slot: saved.slot, because: String(error) });
      this.#opening = setTimeout(() => void this.resume(this.saved), 1000);
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#opening);
    await this.#door?.close();
    for (const member of this.#members.values()) member.close();
  }

  #open(port: number): Promise<FrontDoor> {
    return FrontDoor.open(this.saved.slot, this.#options.host, port, (tried) =>
      pick(this.#members.values(), tried),
    );
  }
}
