import { ProviderError } from '../../pipeline/provider.ts';
import type { SavedMember } from '../rules.ts';
import { type Group, type Letter, letters, type Seated } from './objects.ts';

/** Known to the load balancer by `key`; `epoch` is that of whoever attaches it now. */
export interface Newcomer {
  key: string;
  epoch: number;
}

/** So many groups of one weight are brought together before another is taken: two are the rule, five the limit. */
const many = 3;

/** Whether two weights are one, but for what dividing 100 by a number of members leaves over. */
const isAlike = (one: number, other: number): boolean =>
  one === 0 || other === 0 ? one === other : Math.abs(one - other) <= 1;

const staying = (seats: readonly Seated[], letter: Letter): Seated[] =>
  seats.filter((one) => one.letter === letter && !one.draining);

const weightOf = (groups: readonly Group[], letter: Letter): number =>
  groups.find((one) => one.letter === letter)?.weight ?? 0;

/**
 * Which target group each member is in: all targets of a group get the same share of its weight. What one deployment
 * attaches shares a group without weight; a group whose members are to get different weights is split. Whoever has no
 * weight is never put where there is some.
 */
export function seatsFor(
  wanted: readonly SavedMember[],
  before: readonly Seated[],
  groups: readonly Group[],
  newcomer: Newcomer,
  now: number,
): Seated[] {
  let order = Math.max(0, ...before.map((one) => one.order));
  const seats: Seated[] = [];
  for (const member of wanted) {
    const known = before.find(({ instance }) => instance === member.instance);
    const since = member.draining ? (known?.since ?? now) : undefined;
    const placed = known ?? { ...newcomer, order: ++order, letter: freeGroup(seats, groups, newcomer.epoch) };
    // A known one whose address is new is another target from now on.
    const key = member.address === known?.address || known === undefined ? placed.key : newcomer.key;
    const { letter, epoch } = placed;
    seats.push({ ...member, key, letter, epoch, order: placed.order, since });
  }
  return split(seats, groups);
}

/** Where someone without weight waits: with those of its deployment, alone, or with others that have no weight. */
function freeGroup(seats: readonly Seated[], groups: readonly Group[], epoch: number): Letter {
  const idle = letters.filter(
    (letter) => weightOf(groups, letter) === 0 && staying(seats, letter).every(({ weight }) => weight === 0),
  );
  const own = idle.find((letter) => {
    const there = staying(seats, letter);
    return there.length > 0 && there.every((one) => one.epoch === epoch);
  });
  const found = own ?? idle.find((letter) => staying(seats, letter).length === 0) ?? idle[0];
  if (found === undefined) throw noGroup();
  return found;
}

/** The members with the most weight keep their group; the others go where their weight is, or to a group of their own. */
function split(seats: readonly Seated[], groups: readonly Group[]): Seated[] {
  let placed = [...seats];
  for (const letter of letters) {
    const heaviest = Math.max(0, ...staying(placed, letter).map(({ weight }) => weight));
    const leaving = staying(placed, letter).filter(({ weight }) => !isAlike(weight, heaviest));
    for (const one of leaving) {
      const to = homeOf(one, placed, groups);
      placed = placed.map((other) => (other === one ? { ...one, letter: to } : other));
    }
  }
  return placed;
}

function homeOf({ weight }: Seated, seats: readonly Seated[], groups: readonly Group[]): Letter {
  const isIts = (letter: Letter): boolean => {
    const there = staying(seats, letter);
    return there.length > 0 && there.every((one) => isAlike(one.weight, weight));
  };
  const isEmpty = (letter: Letter): boolean =>
    staying(seats, letter).length === 0 && weightOf(groups, letter) === 0;
  const found = letters.find(isIts) ?? letters.find(isEmpty);
  if (found === undefined) throw noGroup();
  return found;
}

/** The same members in fewer groups, when those that serve by one weight are spread over many; undefined otherwise. */
export function broughtTogether(before: readonly Seated[]): Seated[] | undefined {
  const serving = before.filter(({ weight, draining }) => weight > 0 && !draining);
  const [first] = serving;
  const used = letters.filter((letter) => serving.some((one) => one.letter === letter));
  if (first === undefined || used.length < many) return undefined;
  if (!serving.every(({ weight }) => isAlike(weight, first.weight))) return undefined;
  const count = (letter: Letter): number => serving.filter((one) => one.letter === letter).length;
  const home = used.reduce((best, letter) => (count(letter) > count(best) ? letter : best));
  return before.map((one) => (serving.includes(one) ? { ...one, letter: home } : one));
}

const noGroup = (): ProviderError =>
  new ProviderError(
    'unexpected state',
    `The members of this slot have more different weights than the ${letters.length} target groups of a rule can carry. Nothing was changed; take out what no longer serves.`,
  );
