import type { Instance } from '../pipeline/domain/instance.ts';
import { ProviderError } from '../pipeline/provider.ts';

/** What is kept of a member when the balancer is killed. */
export interface SavedMember {
  instance: string;
  address: string;
  /** Where its health is asked. */
  path: string;
  weight: number;
  draining: boolean;
}

/** What is kept of a slot. A slot without members keeps its epoch, so that nobody older comes back. */
export interface SavedSlot {
  slot: string;
  port: number;
  epoch: number;
  members: SavedMember[];
}

/** Instances that the balancer's own checks call healthy now. */
export type Healthy = ReadonlySet<string>;

/** Adds a member at weight 0, or takes over a known one's new address. Throws `fenced`. */
export function attached(slot: SavedSlot, instance: Instance, path: string, epoch: number): SavedSlot {
  fence(slot, epoch);
  const known = slot.members.find((member) => member.instance === instance.id);
  const member: SavedMember = {
    weight: 0,
    draining: false,
    ...known,
    instance: instance.id,
    address: instance.address,
    path,
  };
  const members = known
    ? slot.members.map((other) => (other === known ? member : other))
    : [...slot.members, member];
  return { ...slot, epoch, members };
}

/** All weights in one step; a member that gets weight is drained no more. Throws `fenced`, `unhealthy`. */
export function shifted(
  slot: SavedSlot,
  weights: Record<string, number>,
  healthy: Healthy,
  epoch: number,
): SavedSlot {
  fence(slot, epoch);
  for (const [instance, weight] of Object.entries(weights)) checkWeight(slot, instance, weight);
  const members = slot.members.map((member) => {
    const weight = weights[member.instance] ?? 0;
    return { ...member, weight, draining: weight > 0 ? false : member.draining };
  });
  if (!members.some((member) => serves(member, healthy)))
    throw new ProviderError(
      'unhealthy',
      `These weights would leave ${slot.slot} without a healthy member. The weights stay as they were. Wait until a new member is healthy, or give the old one its weight back.`,
    );
  return { ...slot, epoch, members };
}

/** No new requests for this one; a member that is gone is fine. Throws `fenced`. */
export function drained(slot: SavedSlot, instance: string, epoch: number): SavedSlot {
  fence(slot, epoch);
  const members = slot.members.map((member) =>
    member.instance === instance ? { ...member, draining: true } : member,
  );
  return { ...slot, epoch, members };
}

/**
 * Takes one out; gone already is fine. Throws `fenced`, and `unhealthy` for the last healthy one that gets traffic;
 * one that was drained gets none any more, so that whoever means it drains first.
 */
export function detached(slot: SavedSlot, instance: string, healthy: Healthy, epoch: number): SavedSlot {
  fence(slot, epoch);
  const member = slot.members.find((one) => one.instance === instance);
  const others = slot.members.filter((one) => one !== member);
  if (member && serves(member, healthy) && !others.some((other) => serves(other, healthy)))
    throw new ProviderError(
      'unhealthy',
      `${instance} is the last healthy member with traffic in ${slot.slot} and was not taken out. Give another healthy member weight first.`,
    );
  return { ...slot, epoch, members: others };
}

const serves = (member: SavedMember, healthy: Healthy): boolean =>
  member.weight > 0 && !member.draining && healthy.has(member.instance);

function fence(slot: SavedSlot, epoch: number): void {
  if (epoch >= slot.epoch) return;
  throw new ProviderError(
    'fenced',
    `${slot.slot} was changed under epoch ${slot.epoch}, and this change is of epoch ${epoch}. Nothing was changed; the newer deployment goes on.`,
  );
}

function checkWeight(slot: SavedSlot, instance: string, weight: number): void {
  if (!Number.isInteger(weight) || weight < 0 || weight > 100)
    throw new ProviderError(
      'bug',
      `The weight of ${instance} is ${weight}; it must be a whole number from 0 to 100. The weights stay as they were.`,
    );
  if (weight > 0 && !slot.members.some((member) => member.instance === instance))
    throw new ProviderError(
      'unexpected state',
      `${instance} is not a member of ${slot.slot} and cannot get traffic. The weights stay as they were. Attach it first.`,
    );
}
