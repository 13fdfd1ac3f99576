import type { Invariant } from './contract.ts';

export const history: Invariant = {
  name: 'the chain of events is whole, and every table is what its events say',
  broken: ({ audit }) => audit.problems,
};
