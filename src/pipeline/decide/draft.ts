import { type Accepted, isRefusal, type Refusal } from '../domain/command.ts';
import type { Deployment } from '../domain/deployment.ts';
import type { Event } from '../domain/event.ts';
import { evolve, type Rows } from '../domain/evolve.ts';
import type { Facts } from '../domain/facts.ts';
import type { Failure } from '../domain/fault.ts';
import type { Grant } from '../domain/grant.ts';
import type { Installation } from '../domain/installation.ts';
import type { Right } from '../domain/policy.ts';
import type { Release, StageFailure } from '../domain/release.ts';
import { type Asking, permission } from '../domain/rights.ts';
import type { Service } from '../domain/service.ts';
import type { Slot } from '../domain/slot.ts';
import type { Standby } from '../domain/standby.ts';
import { type OpenTask, type Subject, subjectKey, type TaskOrder } from '../domain/task.ts';
import type { At, TextRef } from '../domain/time.ts';

/** What was decided: to be committed in one transaction. */
export interface Decision {
  events: Event[];
  orders: TaskOrder[];
  /** Keys of the subjects whose open tasks (but for an undo's) are to be cancelled. */
  stop: string[];
  texts: Record<TextRef, string>;
  answer: Accepted;
  /** The roles that allowed it. */
  grants: Grant[];
  /** What was looked at of what slots would go back to. */
  standbys?: Standby[];
  /** Deployments whose cards are drawn anew, though nothing happened to them. */
  redrawn?: string[];
}

/**
 * A decision in the making: a private copy of the facts into which each event is folded as it is emitted, so that
 * the next rule sees what the one before it decided. Nothing outside is touched.
 */
export class Draft {
  readonly now: At;
  readonly facts: Facts;
  readonly events: Event[] = [];
  readonly orders: TaskOrder[] = [];
  readonly texts: Record<TextRef, string> = {};
  readonly grants: Grant[] = [];
  readonly #stop = new Set<string>();
  readonly #standbys: Standby[] = [];
  readonly #redrawn = new Set<string>();
  readonly #rows: Rows;
  /** Subjects that may have something to do now. */
  readonly #awake: Subject[] = [];

  constructor(facts: Facts, now: At) {
    const copy = {
      installation: facts.installation,
      service: facts.service,
      releases: new Map(facts.releases),
      slots: new Map(facts.slots),
      deployments: new Map(facts.deployments),
    };
    this.now = now;
    this.facts = {
      ...facts,
      get service() {
        return copy.service;
      },
      get installation() {
        return copy.installation;
      },
      releases: copy.releases,
      slots: copy.slots,
      deployments: copy.deployments,
    };
    this.#rows = rowsOf(copy);
  }

  emit(...events: Event[]): void {
    for (const event of events) {
      this.events.push(event);
      evolve(this.#rows, { event, at: this.now });
    }
  }

  order(orders: TaskOrder[]): void {
    for (const order of orders) {
      const same = (other: { effect: string; generation: number }) =>
        other.effect === order.effect && other.generation === order.generation;
      if (!this.orders.some(same) && !this.facts.tasks.some(same)) this.orders.push(order);
    }
  }

  /** Cancels the open tasks of a subject; its undo begins when they have reported. */
  stop(subject: Subject): void {
    this.#stop.add(subjectKey(subject));
  }

  openTasks(subject: Subject): OpenTask[] {
    const key = subjectKey(subject);
    return this.facts.tasks.filter((task) => subjectKey(task.subject) === key);
  }

  text(words: string): TextRef {
    const ref = this.facts.textRef(words);
    this.texts[ref] = words;
    return ref;
  }

  failure(stage: string, { fault, sentence, lines }: Failure): StageFailure {
    return {
      stage,
      fault,
      sentence: this.text(sentence),
      ...(lines === undefined || lines.length === 0 ? {} : { lines: this.text(lines.join('\n')) }),
      at: this.now,
    };
  }

  /** Whether the asker may do this; what allowed him is kept for the audit trail. */
  may(asking: Asking, right: Right, environment?: string): Refusal | undefined {
    const answer = permission(asking, right, this.facts, environment);
    if (isRefusal(answer)) return answer;
    this.grants.push(answer);
    return undefined;
  }

  keepStandby(standby: Standby): void {
    this.#standbys.push(standby);
  }

  /** What the card of a deployment says of people or files changed without it. */
  redraw(deployment: string): void {
    this.#redrawn.add(deployment);
  }

  wake(subject: Subject): void {
    this.#awake.push(subject);
  }

  nextAwake(): Subject | undefined {
    return this.#awake.shift();
  }

  decision(answer: Accepted): Decision {
    const standbys = this.#standbys.length === 0 ? {} : { standbys: this.#standbys };
    return {
      events: this.events,
      orders: this.orders,
      stop: [...this.#stop],
      texts: this.texts,
      answer,
      grants: this.grants,
      ...standbys,
      ...(this.#redrawn.size === 0 ? {} : { redrawn: [...this.#redrawn] }),
    };
  }
}

/** Retries of one thing until a restore are fewer than this. */
const retriesPerRestore = 1_000;

/**
 * Where generations begin: above 1 after a restore, so that what is made under a number that a forgotten one had as
 * well is never taken for that. Named only when it is not 1.
 */
export const firstGeneration = ({ epoch }: Facts): { generation?: number } =>
  epoch === 0 ? {} : { generation: epoch * retriesPerRestore + 1 };

interface Copy {
  installation: Installation;
  service: Service;
  releases: Map<number, Release>;
  slots: Map<string, Slot>;
  deployments: Map<string, Deployment>;
}

function rowsOf(copy: Copy): Rows {
  return {
    installation: () => copy.installation,
    // What happens to a group is decided in a draft of its own.
    group: () => undefined,
    putGroup: () => undefined,
    putInstallation: (row) => {
      copy.installation = row;
    },
    service: () => copy.service,
    release: (_service, version) => copy.releases.get(version),
    slot: (_service, environment) => copy.slots.get(environment),
    deployment: (id) => copy.deployments.get(id),
    putService: (row) => {
      copy.service = row;
    },
    putRelease: (row) => copy.releases.set(row.version, row),
    putSlot: (row) => copy.slots.set(row.environment, row),
    putDeployment: (row) => copy.deployments.set(row.id, row),
  };
}
