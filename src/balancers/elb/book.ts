import { letters, type Seated } from './objects.ts';

/** The tags of a slot's listener: whose it is, the epoch in charge, and what the load balancer does not keep of members. */
export const slotTag = 'bakery:slot';
export const epochTag = 'bakery:epoch';
const memberTag = 'bakery:member/';

export type Tags = Record<string, string>;

export const epochIn = (tags: Tags): number => Number(tags[epochTag] ?? 0);

/** One tag per member, in the characters that a tag's value may have. */
export const tagOf = ({
  instance,
  order,
  letter,
  epoch,
  weight,
  since,
  address,
}: Seated): [string, string] => [
  `${memberTag}${instance}`,
  `order=${order} group=${letter} epoch=${epoch} weight=${weight}${since === undefined ? '' : ` draining=${since}`} at=${address}`,
];

/** What is written down of the members. `keyOf` is the target of an instance with this address. */
export function booked(tags: Tags, keyOf: (instance: string, address: string) => string): Seated[] {
  return Object.entries(tags).flatMap(([name, text]): Seated[] => {
    if (!name.startsWith(memberTag)) return [];
    const instance = name.slice(memberTag.length);
    const words = new Map(
      text.split(' ').map((word): [string, string] => {
        const at = word.indexOf('=');
        return [word.slice(0, at), word.slice(at + 1)];
      }),
    );
    const letter = letters.find((one) => one === words.get('group'));
    const address = words.get('at');
    if (letter === undefined || address === undefined) return [];
    const since = words.get('draining');
    return [
      {
        ...{ instance, address, letter, path: '', key: keyOf(instance, address) },
        ...{ order: numberOf(words, 'order'), epoch: numberOf(words, 'epoch') },
        ...{ weight: numberOf(words, 'weight'), draining: since !== undefined },
        ...(since === undefined ? {} : { since: Number(since) }),
      },
    ];
  });
}

const numberOf = (words: ReadonlyMap<string, string>, name: string): number =>
  Number(words.get(name) ?? 0) || 0;

/** The tags to write and to take away, so that the book says this; nothing for what it says already. */
export function rewritten(before: Tags, seats: readonly Seated[]): { write: Tags; remove: string[] } {
  const wanted = new Map(seats.map(tagOf));
  const write = Object.fromEntries([...wanted].filter(([name, text]) => before[name] !== text));
  const remove = Object.keys(before).filter((name) => name.startsWith(memberTag) && !wanted.has(name));
  return { write, remove };
}
