/** Who did it. Decided once, where the request was verified; never read out of a name or a button. */
export type Actor =
  | {
      kind: 'person';
      team: string;
      user: string;
      /** Set only where it is shown in another workspace than his own, to whose people the id means somebody else: the name of his. */
      from?: string;
    }
  | { kind: 'webhook'; source: string; delivery: string }
  | { kind: 'poll' }
  | { kind: 'clock' }
  | { kind: 'operator'; account: string }
  /** The operators' files; `account` owns the one that changed last. */
  | { kind: 'files'; account: string };

export const theClock: Actor = { kind: 'clock' };

/** One stable word for an actor, for equality and for the audit trail. */
export function actorKey(actor: Actor): string {
  switch (actor.kind) {
    case 'person':
      return `${actor.team}/${actor.user}`;
    case 'webhook':
      return `webhook/${actor.source}`;
    case 'operator':
      return `operator/${actor.account}`;
    case 'files':
      return `files/${actor.account}`;
    default:
      return actor.kind;
  }
}
