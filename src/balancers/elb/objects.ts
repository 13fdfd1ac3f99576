import type { At } from '../../pipeline/domain/time.ts';
import type { SavedMember } from '../rules.ts';

/** A slot's target groups. A forward action takes five ("Quotas for your Application Load Balancers"). */
export const letters = ['a', 'b', 'c', 'd', 'e'] as const;
export type Letter = (typeof letters)[number];

/** A target as the load balancer tells of it (DescribeTargetHealth). */
export interface Target {
  /** Its id and port. */
  key: string;
  state: string;
}

/** A target group of a slot. */
export interface Group {
  letter: Letter;
  arn: string;
  /** 0 to 999: the sum of its members'. */
  weight: number;
  /** What the listener's rule has for it: the weight, or {@link spare}. */
  given: number;
  /** Where the health of its targets is asked. */
  path: string;
  targets: Target[];
}

/** A member, the target group that it is in, and what is written down of it. */
export interface Seated extends SavedMember {
  key: string;
  letter: Letter;
  /** The n-th that was attached. */
  order: number;
  /** Under which epoch it was attached: what one deployment attaches shares a group. */
  epoch: number;
  /** When it began to drain. */
  since?: At | undefined;
}

/** A target that is let go is listed for as long as it drains, and answers no new request. */
export const isRegistered = ({ state }: Target): boolean => state !== 'draining';

export const targetIn = (group: Group | undefined, key: string): Target | undefined =>
  group?.targets.find((one) => one.key === key);

export const holds = (group: Group | undefined, key: string): boolean => {
  const found = targetIn(group, key);
  return found !== undefined && isRegistered(found);
};

/** While nobody has weight, the rule sends what comes to whoever is attached, who still counts as without. */
const spare = 1;

/** What the rule is given for each group that these members are in. */
export function givenFor(seats: readonly Seated[]): Map<Letter, number> {
  const weights = weightsOf(seats);
  const isServed = [...weights.values()].some((weight) => weight > 0);
  return isServed ? weights : new Map([...weights.keys()].map((letter) => [letter, spare]));
}

/** Whether a rule's weight only says that nobody has any. */
export const isSpare = (given: number, meant: number): boolean => given === spare && meant === 0;

/** The weight of each group: the sum of its members'. Those that drain count no more. */
export function weightsOf(seats: readonly Seated[]): Map<Letter, number> {
  const sums = new Map<Letter, number>();
  for (const { letter, weight, draining } of seats)
    if (!draining) sums.set(letter, Math.min(999, (sums.get(letter) ?? 0) + weight));
  return sums;
}
