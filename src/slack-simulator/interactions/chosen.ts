import type { Block, Fields } from '../types.ts';
import { initialValue, interactiveElements, type PlacedElement } from './elements.ts';

/** What people put into elements and did not submit yet, as their clients remember it. */
export class Chosen {
  readonly #values = new Map<string, Fields>();

  /** Remembers a value for a person on a message or view. */
  set(user: string, surfaceId: string, placed: PlacedElement, value: Fields): void {
    this.#values.set(key(user, surfaceId, placed), value);
  }

  /** The value of an element now; undefined for elements that have none, such as buttons. */
  get(user: string, surfaceId: string, placed: PlacedElement): Fields | undefined {
    const initial = initialValue(placed);
    return initial === undefined ? undefined : (this.#values.get(key(user, surfaceId, placed)) ?? initial);
  }

  /** All values of a message or view, as `state.values` carries them. */
  all(user: string, surfaceId: string, blocks: readonly Block[]): Record<string, Fields> {
    const values: Record<string, Fields> = {};
    for (const placed of interactiveElements(blocks)) {
      const value = this.get(user, surfaceId, placed);
      if (value !== undefined)
        values[placed.blockId] = { ...values[placed.blockId], [placed.actionId]: value };
    }
    return values;
  }
}

function key(user: string, surfaceId: string, placed: PlacedElement): string {
  return JSON.stringify([user, surfaceId, placed.blockId, placed.actionId, placed.type]);
}
