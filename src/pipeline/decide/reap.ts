import type { Facts } from '../domain/facts.ts';
import { type Inventory, type Marked, markedKey } from '../domain/marked.ts';
import type { EnvironmentPolicy } from '../domain/policy.ts';
import { perDay } from '../domain/price.ts';
import type { Subject, TaskInputs, TaskResults } from '../domain/task.ts';
import type { At } from '../domain/time.ts';
import { hasNoTraffic } from '../domain/traffic.ts';
import { order } from '../stages/orders.ts';
import { advance } from './advance.ts';
import { belongs } from './belongs.ts';
import { type Decision, Draft } from './draft.ts';
import { takeOverRescues } from './rescue.ts';

/** More than these at once, and more than half of what was found, is no accident of a worker: a person looks first. */
const manyAtOnce = 5;
/** What stops gets this long after SIGTERM, whatever its service says: its service may be gone. */
const grace = 10_000;

/** A provider's inventory, as far as it is of one service. */
export interface Sighting extends Inventory {
  /** Keys of what belonged to nothing at the look before. */
  seenBefore: ReadonlySet<string>;
  /** Most of what the ledger knows to run is not among what was found: then what is found proves nothing. */
  marksBroken: boolean;
}

/** What runs and belongs to nothing. Images are another matter: they are kept by age and count. */
export const leftovers = (facts: Facts, { found }: Pick<Inventory, 'found'>): Marked[] =>
  found.filter((marked) => marked.what !== 'image' && !belongs(marked, facts));

/**
 * Orders the removal of what belonged to nothing at two looks. Two brakes: nothing is removed while the marks look
 * broken, and a person is asked when it would be most of what there is.
 */
export function reap(facts: Facts, sighting: Sighting, now: At): Decision {
  const draft = new Draft(facts, now);
  const { provider, found, seenBefore, marksBroken } = sighting;
  const { service } = facts.policy;
  const subject: Subject = { kind: 'service', service };
  takeOverRescues(draft, found);
  advance(draft, subject);
  const left = leftovers(draft.facts, sighting).filter((marked) =>
    seenBefore.has(markedKey(provider, marked)),
  );
  const running = found.filter(({ what }) => what !== 'image');
  if (left.length > 0 && !marksBroken && facts.service.reaperStopped === undefined) {
    if (areTooMany(left, running, facts.service.reaperAllowed)) {
      draft.emit({ type: 'ReaperStopped', service, because: 'too many', found: left.map(({ id }) => id) });
    } else if (draft.openTasks(subject).length === 0) {
      const input: TaskInputs['reap'] = {
        provider,
        owner: facts.owner,
        made: left.map(({ mark: { effect, generation } }) => ({ effect, generation })),
        slots: facts.policy.environments
          .filter((environment) => !hasNoTraffic(environment))
          .map((environment) => frontOf(service, environment)),
        grace,
      };
      const effect = `reap.${service}.${provider}`;
      // Each removal is a task of its own; the tenth of a second numbers it.
      const generation = Math.floor(now / 100);
      draft.order([order({ kind: 'reap', effect, subject, generation, stage: 'upkeep', input }, draft)]);
    }
  }
  return draft.decision({ accepted: true, sentence: `Looked for leftovers of ${service} in ${provider}.` });
}

function areTooMany(left: Marked[], running: Marked[], allowed: readonly string[] = []): boolean {
  const unseen = left.filter(({ id }) => !allowed.includes(id));
  return unseen.length > manyAtOnce && unseen.length > running.length / 2;
}

const frontOf = (service: string, { name, balancer, port }: EnvironmentPolicy) => ({
  balancer,
  frontend: { slot: `${service}.${name}`, port },
});

/** What a removal came to. One of it had traffic: then something is not as the ledger thinks, and a person looks. */
export function reaped(draft: Draft, { provider, removed, inUse }: TaskResults['reap']): void {
  const { service, prices } = draft.facts.policy;
  const priced = removed.map((one) => {
    const cost = perDay(prices, provider, one);
    return cost === undefined ? one : { ...one, perDay: cost };
  });
  if (inUse.length > 0) draft.emit({ type: 'ReaperStopped', service, because: 'in use', found: inUse });
  if (removed.length > 0) draft.emit({ type: 'LeftoversRemoved', service, provider, removed: priced });
}
