import type { Invariant } from './contract.ts';

/** What runs is what the slots say, no more and no less. */
export const instances: Invariant = {
  name: 'exactly the instances that should run do',
  broken: ({ books, ledger, service }) => {
    const wanted = new Set(
      ledger.slots
        .flatMap(({ live, beside }) => [...(live?.instances ?? []), ...(beside?.instances ?? [])])
        .map(({ id }) => id),
    );
    const there = new Set(books.there(service).map(({ instance }) => instance.id));
    return [
      ...[...there].filter((id) => !wanted.has(id)).map((id) => `${id} is left over.`),
      ...[...wanted].filter((id) => !there.has(id)).map((id) => `${id} should run and is gone.`),
    ];
  },
};
