import { sameEffect } from '../cloud/books.ts';
import type { Invariant } from './contract.ts';

export const oneObject: Invariant = {
  name: 'exactly one object per effect and generation',
  broken: ({ books, service }) => {
    const there = books.there(service);
    return there
      .filter((one, index) => there.findIndex((other) => sameEffect(one.mark, other.mark)) < index)
      .map(({ instance, mark }) => `${instance.id} is a second one of ${mark.effect}.`);
  },
};
