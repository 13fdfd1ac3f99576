import type { TaskKind } from './task.ts';

/**
 * What workers of this version speak. A kind of task that a worker does not know it leaves to a newer one, and a field that
 * it does not know it ignores; where ignoring a field would do something else than what was ordered, the order says what
 * it needs, and whoever adds such a field raises this number.
 */
export const spoken = 3;

/** The protocol that an order needs, from 1: whoever speaks less would carry out something else. */
export function needed(kind: TaskKind, input: unknown): number {
  // It would ask the forge as nobody, or build without what the build needs.
  if (typeof input === 'object' && input !== null && ('access' in input || 'secrets' in input)) return 3;
  // It would build anew what an outside CI has built and tested.
  if (kind === 'build' && typeof input === 'object' && input !== null && 'submitted' in input) return 2;
  return 1;
}
