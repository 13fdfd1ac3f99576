import type { Invariant } from './contract.ts';

export const cards: Invariant = {
  name: 'every card shows what is so',
  broken: ({ wrongCards, ledger }) => [
    ...wrongCards,
    ...ledger.due.map((key) => `The card ${key} is not shown as it should be.`),
  ],
};
