import type { Evidence } from '../evidence.ts';
import { cards } from './cards.ts';
import type { Invariant } from './contract.ts';
import { endings } from './endings.ts';
import { history } from './history.ts';
import { images } from './images.ts';
import { instances } from './instances.ts';
import { members } from './members.ts';
import { alwaysServed } from './moments.ts';
import { oneObject } from './one-object.ts';

/** All that is checked after every run. Whoever promises more adds a file and a line. */
export const invariants: readonly Invariant[] = [
  alwaysServed,
  instances,
  oneObject,
  images,
  members,
  endings,
  cards,
  history,
];

/** Every breach, each with the invariant that it breaks. */
export function breaches(evidence: Evidence): string[] {
  return invariants.flatMap(({ name, broken }) => broken(evidence).map((sentence) => `${name}: ${sentence}`));
}
