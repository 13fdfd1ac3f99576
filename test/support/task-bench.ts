import { keeperCommands } from '../../src/keeper/keeper.ts';
import { type Provider, ProviderError } from '../../src/pipeline/provider.ts';
import type { TaskCall, TaskTools } from '../../src/pipeline/tasks/contract.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { freeCall } from './settle.ts';
import { tempFolder } from './temp-folder.ts';

const absent = (what: string) => (): never => {
  throw new ProviderError('bug', `this test brings no ${what}`);
};

/** What a worker has: real commands, a real store, a scratch folder; a provider when the test brings one. */
export const taskTools = (provider?: Provider, over: Partial<TaskTools> = {}): TaskTools => ({
  provider: provider === undefined ? absent('provider') : () => provider,
  balancer: absent('balancer'),
  probe: absent('prober'),
  store: directoryStore(tempFolder()),
  commands: keeperCommands(),
  secret: absent('secret'),
  scratch: tempFolder(),
  now: Date.now,
  ...over,
});

/** A call that is allowed everything, with what it was told. */
export const taskCall = (over: Partial<TaskCall> = {}) => {
  const lines: string[] = [];
  const notes: string[] = [];
  const call: TaskCall = {
    ...freeCall(),
    known: undefined,
    log: (line) => lines.push(line),
    progress: (note) => notes.push(note),
    ...over,
  };
  return { call, lines, notes };
};
