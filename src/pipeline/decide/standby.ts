import type { Facts } from '../domain/facts.ts';
import type { Release } from '../domain/release.ts';
import { writableOf } from '../domain/service-file.ts';
import type { Slot } from '../domain/slot.ts';
import type { Standby } from '../domain/standby.ts';
import type { Subject, TaskResults } from '../domain/task.ts';
import type { At, Millis } from '../domain/time.ts';
import { hasNoTraffic } from '../domain/traffic.ts';
import { order } from '../stages/orders.ts';
import { type Decision, Draft } from './draft.ts';
import { goesBackTo } from './go-back.ts';
import { type Held, heldIn } from './held.ts';
import { scriptInput } from './rescue.ts';

const hour = 3_600_000;
/** How often it is looked whether the image is there and still what was baked. */
const checkEvery: Millis = hour;
/** When rehearsals begin, in hours of the day, UTC; at most one in each night. */
const night = { from: 1, until: 4 };
const rehearseEvery: Millis = 20 * hour;

/** Whether there may be something to do for what a slot would go back to. Says yes too often rather than too seldom. */
export function isStandbyDue(slot: Slot, known: Standby | undefined, now: At): boolean {
  if (slot.live === undefined) return false;
  if (known === undefined || known.live !== slot.live.version) return true;
  if (known.version === undefined) return false;
  return (
    now - known.checkedAt >= checkEvery || slot.rescue?.deployment !== slot.live.deployment || isNight(now)
  );
}

const isNight = (now: At): boolean => {
  const of = Math.floor(now / hour) % 24;
  return of >= night.from && of < night.until;
};

/** Orders what is due: a look at the image, a rehearsal at night, the script for the night when Bakery is broken. */
export function lookAfterStandby(facts: Facts, environment: string, now: At): Decision {
  const draft = new Draft(facts, now);
  const slot = facts.slots.get(environment);
  const held = heldIn(facts, environment);
  const decision = () => draft.decision({ accepted: true, sentence: `Looked after ${environment}.` });
  if (slot === undefined || held === undefined || facts.service.restoring !== undefined) return decision();
  const target = goesBackTo(facts, slot);
  if (target?.image === undefined || target.file === undefined) {
    const { service } = facts.policy;
    draft.keepStandby({ service, environment, live: held.live.version, checkedAt: now, state: 'none' });
    return decision();
  }
  const known = facts.standbys.get(environment);
  if (known?.version !== target.version || now - known.checkedAt >= checkEvery) check(draft, held, target);
  // The script moves traffic; a worker has none.
  if (!hasNoTraffic(held.plan) && slot.rescue?.deployment !== held.live.deployment)
    writeScript(draft, slot, held, target);
  const last = known?.rehearsal?.version === target.version ? known.rehearsal.at : 0;
  if (held.plan.rehearse === true && isNight(now) && now - last >= rehearseEvery)
    rehearse(draft, held, target);
  return decision();
}

const subjectOf = ({ facts }: Draft, { plan }: Held): Subject & { kind: 'standby' } => ({
  kind: 'standby',
  service: facts.policy.service,
  environment: plan.name,
});

function check(draft: Draft, held: Held, { image, version }: Release): void {
  if (image === undefined) return;
  const subject = subjectOf(draft, held);
  const effect = `check.${subject.service}.${subject.environment}`;
  const input = { provider: held.plan.provider, image, version };
  orderOnce(draft, { kind: 'check', effect, subject, input });
}

function writeScript(draft: Draft, slot: Slot, held: Held, target: Release): void {
  const subject = subjectOf(draft, held);
  const effect = `script.${subject.service}.${subject.environment}`;
  const input = scriptInput(draft, slot, held, target);
  if (input !== undefined) orderOnce(draft, { kind: 'script', effect, subject, input });
}

function rehearse(draft: Draft, held: Held, { image, file, version }: Release): void {
  if (image === undefined || file === undefined) return;
  const subject = subjectOf(draft, held);
  const { service, environment } = subject;
  const effect = `rehearse.${service}.${environment}`;
  const { provider, settings } = held.plan;
  const { start } = file.recipe;
  const { health, grace } = file;
  const mark = { owner: draft.facts.owner, service, version, environment, effect, epoch: 0 };
  const input = {
    provider,
    image,
    spec: { start, health, grace, settings: settings.values, ...writableOf(file) },
    mark: { ...mark, generation: numberOf(draft.now) },
    checks: file.suites.flatMap(({ http }) => http),
  };
  orderOnce(draft, { kind: 'rehearse', effect, subject, input });
}

/** Each is a task of its own; the tenth of a second numbers it. */
const numberOf = (now: At): number => Math.floor(now / 100);

type Details = Parameters<typeof order<'check' | 'script' | 'rehearse'>>[0];

function orderOnce(draft: Draft, details: Pick<Details, 'kind' | 'effect' | 'subject' | 'input'>): void {
  if (draft.facts.tasks.some(({ effect }) => effect === details.effect)) return;
  draft.order([order({ ...details, stage: 'upkeep', generation: numberOf(draft.now) }, draft)]);
}

/** What a look at the image came to: kept, and told when it cannot be gone back to any more. */
export function checked(
  draft: Draft,
  { service, environment }: Subject & { kind: 'standby' },
  { version, state, because }: TaskResults['check'],
): void {
  const live = draft.facts.slots.get(environment)?.live?.version;
  if (live === undefined) return;
  const known = draft.facts.standbys.get(environment);
  const why = because === undefined ? {} : { because };
  const rehearsal = known?.rehearsal === undefined ? {} : { rehearsal: known.rehearsal };
  draft.keepStandby({
    ...{ service, environment, live, version, checkedAt: draft.now, state },
    ...why,
    ...rehearsal,
  });
  const isNews = known?.version !== version || known.state !== state;
  if (state !== 'present' && isNews)
    draft.emit({
      type: 'StandbyLost',
      service,
      environment,
      version,
      because: draft.text(because ?? 'it is not there'),
    });
}

/** What a rehearsal came to: kept, and told when the version could not have been gone back to. */
export function rehearsed(
  draft: Draft,
  { service, environment }: Subject & { kind: 'standby' },
  { version, passed, startedIn, because }: TaskResults['rehearse'],
): void {
  const known = draft.facts.standbys.get(environment);
  if (known === undefined || passed === undefined) return;
  draft.keepStandby({
    ...known,
    rehearsal: {
      ...{ version, at: draft.now, passed },
      ...(startedIn === undefined ? {} : { startedIn }),
      ...(because === undefined ? {} : { because }),
    },
  });
  if (!passed)
    draft.emit({
      type: 'StandbyLost',
      service,
      environment,
      version,
      because: draft.text(because ?? 'it did not start'),
    });
}
