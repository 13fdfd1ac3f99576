/** A slot that a load balancer holds, and who is in it. */
export interface HeldSlot {
  slot: string;
  members: string[];
}

/**
 * Slots of no environment of the files, in words: what runs there goes on, since nothing is removed for a file's sake, and
 * nobody looks after it any more. They may be another installation's. `remove` says how one goes.
 */
export function strayIn(held: readonly HeldSlot[], known: ReadonlySet<string>, remove: string): string[] {
  return held
    .filter(({ slot }) => !known.has(slot))
    .map(({ slot, members }) => {
      const who = members.length === 0 ? 'nobody' : members.join(', ');
      return `${slot} is a slot of no environment in the files, with ${who} in it. Nothing of it is changed; unless it is another installation's, ${remove}`;
    });
}
