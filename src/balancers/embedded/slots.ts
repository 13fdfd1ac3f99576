import type { SlotTraffic } from '../../pipeline/balancer.ts';
import type { Frontend } from '../../pipeline/domain/task.ts';
import { ProviderError } from '../../pipeline/provider.ts';
import type { Healthy, SavedSlot } from '../rules.ts';
import { RunningSlot, type SlotOptions } from './slot.ts';
import { readState, writeState } from './state-file.ts';

/** A change of one slot, as a pure function. */
export type Change = (slot: SavedSlot, healthy: Healthy) => SavedSlot;

/** All slots of an installation. Changes go one after the other; each is on the disk before it is answered. */
export class Slots {
  readonly #file: string;
  readonly #options: SlotOptions;
  readonly #slots = new Map<string, RunningSlot>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(file: string, options: SlotOptions) {
    this.#file = file;
    this.#options = options;
  }

  /** Takes up what was kept. */
  async load(): Promise<void> {
    for (const saved of await readState(this.#file)) {
      const slot = new RunningSlot(saved.slot, saved.port, this.#options);
      this.#slots.set(saved.slot, slot);
      await slot.resume(saved);
    }
  }

  members(frontend: Frontend): SlotTraffic {
    return this.#slots.get(frontend.slot)?.traffic() ?? { frontend, epoch: 0, members: [] };
  }

  /** Decides, keeps, then does. When it throws, nothing has changed. */
  change(frontend: Frontend, change: Change): Promise<SlotTraffic> {
    const turn = this.#last.then(() => this.#change(frontend, change));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#slots.values()].map((slot) => slot.close()));
  }

  async #change(frontend: Frontend, change: Change): Promise<SlotTraffic> {
    const known = this.#slots.get(frontend.slot);
    const slot = known ?? new RunningSlot(frontend.slot, frontend.port, this.#options);
    const wanted = change({ ...slot.saved, port: frontend.port }, slot.healthy());
    const door = await slot.prepare(wanted);
    try {
      await this.#keep(wanted);
    } catch (error) {
      door.leave();
      throw error;
    }
    this.#slots.set(frontend.slot, slot);
    slot.follow(wanted);
    door.take();
    this.#options.log('a slot changed', { ...wanted });
    return slot.traffic();
  }

  async #keep(wanted: SavedSlot): Promise<void> {
    const others = [...this.#slots.values()].map((slot) => slot.saved);
    const all = [...others.filter((slot) => slot.slot !== wanted.slot), wanted];
    try {
      await writeState(this.#file, all);
    } catch (error) {
      const full = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
      throw new ProviderError(
        full ? 'disk full' : 'denied',
        `The balancer could not write ${this.#file}: ${String(error)}. The traffic of ${wanted.slot} stays as it was. Make room or check its rights, then try again.`,
        { cause: error },
      );
    }
  }
}
