import type { Deployment } from '../domain/deployment.ts';
import type { Facts } from '../domain/facts.ts';
import type { Owned } from '../domain/marked.ts';
import type { Release } from '../domain/release.ts';
import type { Slot } from '../domain/slot.ts';
import type { Frontend, Mark, Subject, TaskInputs, TaskKind, TaskOrder } from '../domain/task.ts';
import type { Millis } from '../domain/time.ts';
import type { StageContext } from './contract.ts';

const seconds = 1000;
const minutes = 60 * seconds;

/** How long one attempt may take, and how long the whole task may, waits and further attempts included. */
export const limits: Record<TaskKind, { attempt: Millis; deadline: Millis }> = {
  build: { attempt: 60 * minutes, deadline: 2 * 60 * minutes },
  bake: { attempt: 30 * minutes, deadline: 2 * 60 * minutes },
  publish: { attempt: 60 * seconds, deadline: 2 * 60 * minutes },
  hook: { attempt: 35 * minutes, deadline: 35 * minutes },
  migrate: { attempt: 60 * seconds, deadline: 30 * minutes },
  launch: { attempt: 60 * seconds, deadline: 30 * minutes },
  verify: { attempt: 60 * minutes, deadline: 2 * 60 * minutes },
  admit: { attempt: 30 * seconds, deadline: 10 * minutes },
  shift: { attempt: 30 * seconds, deadline: 5 * minutes },
  watch: { attempt: 30 * seconds, deadline: 10 * minutes },
  drain: { attempt: 30 * seconds, deadline: 10 * minutes },
  detach: { attempt: 30 * seconds, deadline: 10 * minutes },
  terminate: { attempt: 60 * seconds, deadline: 30 * minutes },
  survey: { attempt: 30 * seconds, deadline: 5 * minutes },
  output: { attempt: 30 * seconds, deadline: 2 * minutes },
  inventory: { attempt: 60 * seconds, deadline: 5 * minutes },
  check: { attempt: 5 * minutes, deadline: 30 * minutes },
  rehearse: { attempt: 60 * seconds, deadline: 60 * minutes },
  script: { attempt: 60 * seconds, deadline: 10 * minutes },
  reconcile: { attempt: 60 * seconds, deadline: 30 * minutes },
  discard: { attempt: 10 * minutes, deadline: 2 * 60 * minutes },
  reap: { attempt: 60 * seconds, deadline: 30 * minutes },
};

interface OrderDetails<Kind extends TaskKind> {
  kind: Kind;
  effect: string;
  subject: Subject;
  generation: number;
  stage: string;
  input: TaskInputs[Kind];
  undo?: boolean;
  notBefore?: number;
  /** Its deadline, where that is not the usual one of its kind. */
  within?: Millis;
  /** Added to the deadline: what the task waits for by design (a soak). */
  longer?: Millis;
}

/** Fills in the times of an order. */
export function order<Kind extends TaskKind>(
  details: OrderDetails<Kind>,
  { now }: Pick<StageContext, 'now'>,
): TaskOrder {
  const { attempt, deadline } = limits[details.kind];
  const notBefore = details.notBefore ?? now;
  const made = {
    kind: details.kind,
    effect: details.effect,
    generation: details.generation,
    subject: details.subject,
    stage: details.stage,
    undo: details.undo ?? false,
    input: details.input,
    notBefore,
    deadline: notBefore + (details.within ?? deadline) + (details.longer ?? 0),
    attempt,
  };
  // The pair of kind and input is checked by this function's own signature; a union cannot express it.
  return made as unknown as TaskOrder;
}

export const releaseSubject = ({ service, version }: Release): Subject => ({
  kind: 'release',
  service,
  version,
});

export const deploymentSubject = ({ service, environment, id, version }: Deployment): Subject => ({
  kind: 'deployment',
  service,
  environment,
  id,
  version,
});

export const frontendOf = ({
  service,
  environment,
  plan,
}: Pick<Deployment, 'service' | 'environment' | 'plan'>): Frontend => ({
  slot: `${service}.${environment}`,
  port: plan.port,
});

/** The mark of what a release makes: its image and its candidate. */
export const releaseMark = (release: Release, effect: string, { facts }: StageContext): Mark => ({
  owner: facts.owner,
  service: release.service,
  version: release.version,
  environment: 'verify',
  effect,
  generation: release.generation,
  epoch: 0,
});

/** Whose its instances are. */
export const ownedBy = (deployment: Deployment, { facts }: StageContext): Owned => ({
  owner: facts.owner,
  service: deployment.service,
  version: deployment.version,
  environment: deployment.environment,
  epoch: deployment.epoch ?? 0,
});

/** The epoch of a slot's next lease: above all before it, those that a restored ledger has forgotten as well. */
export const nextEpoch = (slot: Slot | undefined, { epoch }: Facts): number =>
  Math.max(slot?.epoch ?? 0, epoch * leasesPerRestore) + 1;

/** More than the leases that a slot can have had that came to be after the backup was made. */
export const leasesPerRestore = 1_000_000;

/** Splits 100 evenly over a list of instances, the rest on the first ones. */
export function evenly(ids: string[], total: number): Record<string, number> {
  const each = Math.floor(total / Math.max(1, ids.length));
  const rest = total - each * ids.length;
  return Object.fromEntries(ids.map((id, index) => [id, each + (index < rest ? 1 : 0)]));
}
