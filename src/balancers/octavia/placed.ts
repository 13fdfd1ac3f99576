import type { Member } from '../../pipeline/balancer.ts';
import type { At } from '../../pipeline/domain/time.ts';
import type { SavedMember } from '../rules.ts';
import type { PoolMember } from './objects.ts';

/** A member as it is written to Octavia; all of a pool's are written in one step. */
export interface WrittenMember {
  name: string;
  address: string;
  protocol_port: number;
  weight: number;
  backup: boolean;
  tags: string[];
}

const order = 'bakery-order=';
const draining = 'bakery-draining=';

const numberIn = (tags: string[], prefix: string): number | undefined => {
  const found = tags.find((tag) => tag.startsWith(prefix));
  return found === undefined ? undefined : Number(found.slice(prefix.length));
};

/** When a member began to drain. */
export const drainingSince = ({ tags }: Pick<PoolMember, 'tags'>): At | undefined => numberIn(tags, draining);

export const inOrder = (members: PoolMember[]): PoolMember[] =>
  [...members].sort((one, other) => (numberIn(one.tags, order) ?? 0) - (numberIn(other.tags, order) ?? 0));

const addressOf = ({ address, protocol_port: port }: PoolMember): string =>
  `http://${address.includes(':') ? `[${address}]` : address}:${port}`;

/** A spare serves when nobody else does: that is how a member without weight stands in Octavia. */
const weightOf = ({ weight, backup }: PoolMember): number => (backup ? 0 : weight);

export const savedMember = (member: PoolMember, path: string): SavedMember => ({
  instance: member.name,
  address: addressOf(member),
  path,
  weight: weightOf(member),
  draining: drainingSince(member) !== undefined,
});

/** What a member says of itself beside its place and its draining: the mark of its instance. */
const otherTags = ({ tags }: Pick<PoolMember, 'tags'>): string[] =>
  tags.filter((tag) => !tag.startsWith(order) && !tag.startsWith(draining));

/**
 * `now` is when those drain that did not before; `marked` are the tags of those whose mark is told now. Throws nothing:
 * addresses are what `rules.ts` was given.
 */
export function written(
  wanted: SavedMember[],
  before: PoolMember[],
  now: At,
  marked: Readonly<Record<string, string[]>> = {},
): WrittenMember[] {
  let last = Math.max(0, ...before.map(({ tags }) => numberIn(tags, order) ?? 0));
  return wanted.map((member): WrittenMember => {
    const known = before.find(({ name }) => name === member.instance);
    const since = known === undefined ? undefined : drainingSince(known);
    const number = (known === undefined ? undefined : numberIn(known.tags, order)) ?? ++last;
    const { hostname, port } = new URL(member.address);
    const isSpare = member.weight === 0 && !member.draining;
    return {
      name: member.instance,
      address: hostname.replace(/^\[|\]$/g, ''),
      protocol_port: Number(port || 80),
      weight: isSpare ? 1 : member.draining ? 0 : member.weight,
      backup: isSpare,
      tags: [
        `${order}${number}`,
        ...(member.draining ? [`${draining}${since ?? now}`] : []),
        ...(marked[member.instance] ?? (known === undefined ? [] : otherTags(known))),
      ],
    };
  });
}

/** Whether Octavia has these members already. */
export function isWritten(wanted: WrittenMember[], there: PoolMember[]): boolean {
  if (wanted.length !== there.length) return false;
  return wanted.every((one) =>
    there.some(
      (other) =>
        other.name === one.name &&
        other.address === one.address &&
        other.protocol_port === one.protocol_port &&
        other.weight === one.weight &&
        other.backup === one.backup &&
        [...other.tags].sort().join() === [...one.tags].sort().join(),
    ),
  );
}

/** A member without weight that passes its checks is called DRAINING by an amphora. */
const health: Record<string, Member['health']> = {
  ONLINE: 'healthy',
  DRAINING: 'healthy',
  DEGRADED: 'unhealthy',
  ERROR: 'unhealthy',
};

export const healthOf = ({ operating_status: status }: Pick<PoolMember, 'operating_status'>) =>
  health[status] ?? 'unknown';

/**
 * A member in the port's words. Octavia counts connections of a listener alone: `active` is what all of its members
 * have, and so the most that this one can have; requests of one member it does not count.
 */
export function memberOf(member: PoolMember, active: number): Member {
  const saved = savedMember(member, '');
  const { instance, address, weight, draining: drains } = saved;
  return {
    instance,
    address,
    weight,
    draining: drains,
    health: healthOf(member),
    inFlight: drains || weight > 0 ? active : 0,
    requests: 0,
    failed: 0,
  };
}
