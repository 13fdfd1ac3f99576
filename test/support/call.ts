import type { TaskCall } from '../../src/pipeline/tasks/contract.ts';

/** A call with all the time in the world, that knows nothing. */
export const calmCall = (overrides: Partial<TaskCall> = {}): TaskCall => ({
  signal: new AbortController().signal,
  ensureTime: () => undefined,
  log: () => undefined,
  progress: () => undefined,
  known: undefined,
  ...overrides,
});
