import type { Listener } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Member } from '../../pipeline/balancer.ts';
import type { Tags } from './book.ts';
import { type Group, holds, isRegistered, isSpare, type Seated, targetIn, weightsOf } from './objects.ts';

/** A slot as it was looked at: its listener, the tags and target groups of that, and who is in them. */
export interface View {
  listener: Listener | undefined;
  tags: Tags;
  groups: Group[];
  members: Seated[];
}

/**
 * Who is really there: what is written down, in the group that has its target (the one with weight, when it is changing
 * groups), and targets that nobody has written down. Whoever drains is there until it is taken out.
 */
export function membersIn(
  groups: readonly Group[],
  booked: readonly Seated[],
): { groups: Group[]; members: Seated[] } {
  const known = booked.flatMap((one): Seated[] => {
    const there = groups.filter((group) => holds(group, one.key));
    const group =
      there.find(({ weight }) => weight > 0) ?? there.find(({ letter }) => letter === one.letter) ?? there[0];
    if (group === undefined) return one.draining ? [{ ...one, weight: 0 }] : [];
    return [{ ...one, letter: group.letter }];
  });
  const keys = new Set(booked.map(({ key }) => key));
  const strangers = groups.flatMap((group) =>
    group.targets
      .filter((target) => isRegistered(target) && !keys.has(target.key))
      .map((target) => strangerIn(group, target.key)),
  );
  const all = [...known, ...strangers].sort((one, other) => one.order - other.order);
  const members = groups.reduce((some, group) => withWeights(some, group), all);
  const weights = weightsOf(members);
  const meant = ({ letter, given }: Group): number => (isSpare(given, weights.get(letter) ?? 0) ? 0 : given);
  return { groups: groups.map((group) => ({ ...group, weight: meant(group) })), members };
}

const strangerIn = ({ letter }: Group, key: string): Seated => ({
  ...{ instance: key.replace(/^(i-.+):\d+$/, '$1'), address: `http://${key}`, path: '', key, letter },
  ...{ order: Number.MAX_SAFE_INTEGER, epoch: 0, weight: 0, draining: false },
});

/** The rule is what is; what is written down only says how a group's weight was meant to be divided. */
function withWeights(members: Seated[], { letter, given }: Group): Seated[] {
  const inIt = members.filter((one) => one.letter === letter && !one.draining);
  const sum = inIt.reduce((total, one) => total + one.weight, 0);
  if (sum === given || isSpare(given, sum)) return members;
  const each = Math.min(100, Math.round(given / Math.max(1, inIt.length)));
  return members.map((one) => (inIt.includes(one) ? { ...one, weight: each } : one));
}

/** "Target health status". The last is a Network Load Balancer's, of one that fails its checks and has connections. */
const health: Record<string, Member['health']> = {
  healthy: 'healthy',
  unhealthy: 'unhealthy',
  'unhealthy.draining': 'unhealthy',
};

export const healthOf = (groups: readonly Group[], { key, letter }: Seated): Member['health'] =>
  health[
    targetIn(
      groups.find((one) => one.letter === letter),
      key,
    )?.state ?? ''
  ] ?? 'unknown';

/** Whether the load balancer still lets it finish what it answers. */
export const isFinishing = (groups: readonly Group[], { key }: Seated): boolean =>
  groups.some((group) => targetIn(group, key)?.state === 'draining');

/**
 * A member in the port's words. ELB counts neither requests nor what is in flight by target: of one that is let go it
 * tells only that it has not finished.
 */
export const memberOf = (groups: readonly Group[], one: Seated): Member => ({
  ...{ instance: one.instance, address: one.address, weight: one.weight, draining: one.draining },
  health: healthOf(groups, one),
  inFlight: one.draining && isFinishing(groups, one) ? 1 : 0,
  ...{ requests: 0, failed: 0 },
});
