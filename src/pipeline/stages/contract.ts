import type { Deployment, DeploymentStage, Wait } from '../domain/deployment.ts';
import type { Event } from '../domain/event.ts';
import type { Facts } from '../domain/facts.ts';
import type { Failure } from '../domain/fault.ts';
import type { Release, ReleaseStage } from '../domain/release.ts';
import type { TaskKind, TaskOrder, TaskResults } from '../domain/task.ts';
import type { At } from '../domain/time.ts';

/** What a stage wants now. Asked when it begins and again after everything that happened to its subject. */
export type Step =
  /** These tasks; one that was ordered before is not ordered again. */
  | { is: 'tasks'; orders: TaskOrder[] }
  /** Something is decided: these events, then the stage is asked again. */
  | { is: 'decided'; events: Event[] }
  /** Nothing to do until somebody, or the clock, moves it. */
  | { is: 'wait'; wait: Wait }
  | { is: 'passed'; skipped: boolean }
  | { is: 'failed'; failure: Failure };

export const passed: Step = { is: 'passed', skipped: false };
export const skipped: Step = { is: 'passed', skipped: true };

/** A task of the stage that is done, with its result. */
export type Heard = {
  [Kind in TaskKind]: { kind: Kind; effect: string; result: TaskResults[Kind] };
}[TaskKind];

interface Context {
  facts: Facts;
  now: At;
}

/** Whether a result means that the stage failed. */
export const isFailure = (meaning: Event[] | Failure): meaning is Failure => !Array.isArray(meaning);

/** One stage: pure. `next` says what is wanted, `heard` what a result means, `undo` how to remove what it made. */
export interface StageOf<Subject, Name extends string> {
  name: Name;
  /** For people, in the -ing form: what is going on while it runs. */
  doing: string;
  next(subject: Subject, context: Context): Step;
  heard(subject: Subject, heard: Heard, context: Context): Event[] | Failure;
  /** Orders in the order they are to be done; idempotent, and right whatever of the stage was reached. */
  undo(subject: Subject, context: Context): TaskOrder[];
}

export type ReleaseStageRules = StageOf<Release, ReleaseStage>;
export type DeploymentStageRules = StageOf<Deployment, DeploymentStage>;
export type StageContext = Context;
