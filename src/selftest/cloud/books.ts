import { createHash } from 'node:crypto';
import type { SavedSlot } from '../../balancers/rules.ts';
import type { Image } from '../../pipeline/domain/image.ts';
import type { Instance } from '../../pipeline/domain/instance.ts';
import type { Mark } from '../../pipeline/domain/task.ts';
import type { At } from '../../pipeline/domain/time.ts';

export interface BookedImage {
  image: Image;
  marks: Mark[];
  readyAt: At;
  /** There once it was published. */
  copy?: { name: string; readyAt: At };
}

export interface BookedInstance {
  instance: Instance;
  mark: Mark;
  image: string;
  madeAt: At;
  /** Runs from here on; never while it is stuck. */
  runsFrom: At;
  /** Told to end. */
  endingSince?: At;
  goneSince?: At;
  /** Runs, and never answers its health check. */
  sick: boolean;
  /** Hangs in the state it is in until the cloud is healed. */
  stuck: boolean;
}

/** What the faulty cloud keeps, whatever dies around it: the books that all checks are made on. */
export class Books {
  readonly images = new Map<string, BookedImage>();
  readonly instances = new Map<string, BookedInstance>();
  readonly slots = new Map<string, SavedSlot>();
  /** When each member was attached: `slot instance`. */
  readonly attachedAt = new Map<string, At>();
  /** Since when each member drains: `slot instance`. */
  readonly drainingSince = new Map<string, At>();

  /** Those that are there, of one service or of all, in the order in which they were made. */
  there(service?: string): BookedInstance[] {
    return [...this.instances.values()].filter(
      ({ goneSince, mark }) => goneSince === undefined && (service ?? mark.service) === mark.service,
    );
  }

  slot(name: string, port = 0): SavedSlot {
    return this.slots.get(name) ?? { slot: name, port, epoch: 0, members: [] };
  }

  isHealthy(id: string, now: At): boolean {
    const it = this.instances.get(id);
    return it !== undefined && stateOf(it, now) === 'running' && !it.sick && it.endingSince === undefined;
  }

  /** The members that get traffic and answer it. */
  serving({ members }: SavedSlot, now: At): string[] {
    return members
      .filter(({ weight, draining, instance }) => weight > 0 && !draining && this.isHealthy(instance, now))
      .map(({ instance }) => instance);
  }
}

export function stateOf(it: BookedInstance | undefined, now: At): 'starting' | 'running' | 'gone' {
  if (it === undefined || it.goneSince !== undefined) return 'gone';
  return it.runsFrom <= now ? 'running' : 'starting';
}

export const sameEffect = (one: Mark, other: Mark): boolean =>
  one.owner === other.owner && one.effect === other.effect && one.generation === other.generation;

export const digestOf = (value: unknown): string =>
  `sha256:${createHash('sha256').update(JSON.stringify(value)).digest('hex')}`;
