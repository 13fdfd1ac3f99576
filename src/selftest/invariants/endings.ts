import { goingOn } from '../evidence.ts';
import type { Invariant } from './contract.ts';

/** Nothing hangs: the only thing that waits is a question, and that has an owner and a deadline. */
export const endings: Invariant = {
  name: 'every release and deployment is over, or waits with an owner and a deadline',
  broken: ({ ledger, now }) => [
    ...goingOn(ledger).map((sentence) => `${sentence}.`),
    ...ledger.slots
      .filter(({ beside }) => beside !== undefined)
      .map(
        ({ environment, beside }) =>
          `v${beside?.version} still runs in ${environment}, and nobody retires it.`,
      ),
    ...ledger.deployments
      .filter(({ wait }) => wait !== undefined && wait.until <= now)
      .map(({ id, wait }) => `The wait of ${id} for ${wait?.for} is past its deadline.`),
  ],
};
