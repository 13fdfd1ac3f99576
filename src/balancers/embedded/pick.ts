/** What the choice needs to know of a member. `turn` is the round robin's memory and is changed by {@link pick}. */
export interface Candidate {
  weight: number;
  draining: boolean;
  health: 'healthy' | 'unhealthy' | 'unknown';
  turn: number;
}

/**
 * Who gets the next request: smooth weighted round robin over the weighted members that are not known to be
 * unhealthy; when there is none, the members at weight 0 that are healthy (an old release that is still attached);
 * nobody otherwise. Draining members get nothing.
 */
export function pick<Member extends Candidate>(
  members: Iterable<Member>,
  except: ReadonlySet<Member>,
): Member | undefined {
  const usable = [...members].filter((member) => !member.draining && !except.has(member));
  const weighted = usable.filter((member) => member.weight > 0 && member.health !== 'unhealthy');
  if (weighted.length > 0) return inTurn(weighted, (member) => member.weight);
  return inTurn(
    usable.filter((member) => member.weight === 0 && member.health === 'healthy'),
    () => 1,
  );
}

/** Smooth weighted round robin: each gains its weight, the richest goes and pays the sum. */
function inTurn<Member extends Candidate>(
  members: Member[],
  weightOf: (member: Member) => number,
): Member | undefined {
  let sum = 0;
  let next: Member | undefined;
  for (const member of members) {
    member.turn += weightOf(member);
    sum += weightOf(member);
    if (next === undefined || member.turn > next.turn) next = member;
  }
  if (next) next.turn -= sum;
  return next;
}
