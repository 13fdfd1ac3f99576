import type { Invariant } from './contract.ts';

/** What the cloud noted at the very moment when it happened. */
export const alwaysServed: Invariant = {
  name: 'no request ever takes the last healthy member, serves twice or serves three releases',
  broken: ({ alarms }) => alarms.map(({ sentence }) => sentence),
};
