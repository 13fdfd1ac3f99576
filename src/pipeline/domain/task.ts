import type { Failure } from './fault.ts';
import type { Image, Package } from './image.ts';
import type { Instance } from './instance.ts';
import type { Marked, Removed } from './marked.ts';
import type { Sample } from './measurement.ts';
import type { SuiteResult } from './release.ts';
import type { ServiceFile } from './service-file.ts';
import type { Subject } from './subject.ts';
import type { TaskInputs } from './task-inputs.ts';
import type { At, Digest, Millis } from './time.ts';

export type { Mark } from './marked.ts';
export { logOf, type Subject, subjectKey } from './subject.ts';
export type { Frontend, LaunchSpec, Measuring, TaskInputs } from './task-inputs.ts';

/** The last lines that one instance wrote, oldest first. */
export interface InstanceOutput {
  instance: string;
  lines: string[];
}

export interface TaskResults {
  build: { package: Package; file: ServiceFile; tests?: SuiteResult };
  bake: { image: Image };
  publish: { copies: string[] };
  hook: Record<string, never>;
  migrate: Record<string, never>;
  launch: { instance: Instance };
  verify: { suites: SuiteResult[] };
  admit: { probes?: Sample };
  shift: { requests: number; failed: number; probes?: Sample };
  watch: { requests: number; failed: number; probes?: Sample };
  drain: Record<string, never>;
  detach: Record<string, never>;
  terminate: { removed: number };
  /** `unwell`: those that run and did not pass their health check at several looks. */
  survey: {
    alive: string[];
    unwell?: string[];
    members: string[];
    /** Members that should not be; and whether weights are not what they should be. */
    strangers?: string[];
    misweighted?: boolean;
    weights?: Record<string, number>;
  };
  output: { outputs: InstanceOutput[] };
  check: { version: number; state: 'present' | 'changed' | 'gone'; because?: string };
  rehearse: { version: number; passed: boolean; startedIn?: Millis; because?: string };
  script: {
    version: number;
    deployment: string;
    script: Digest;
    made: { effect: string; generation: number }[];
  };
  inventory: { found: Marked[] };
  reconcile: {
    found: Marked[];
    slots: { environment: string; epoch: number; members: { instance: string; weight: number }[] }[];
  };
  reap: { provider: string; removed: Removed[]; inUse: string[] };
  discard: { provider: string; removed: Removed[]; inUse: string[] };
}

export type TaskKind = keyof TaskInputs;

/** A task that is wanted: an effect, its generation, an input. Named by its inputs, wanted once. */
export type TaskOrder = {
  [Kind in TaskKind]: {
    kind: Kind;
    /** Without `:`; unique for what it makes. */
    effect: string;
    generation: number;
    subject: Subject;
    stage: string;
    /** Part of an undo: not cancelled, and its failure does not end its subject again. */
    undo: boolean;
    input: TaskInputs[Kind];
    /** Not before this time. */
    notBefore: At;
    /** Given up after this time. */
    deadline: At;
    /** How long a single attempt may take. */
    attempt: Millis;
  };
}[TaskKind];

/** What a failed attempt shows beside its failure. */
export interface Evidence {
  suites?: SuiteResult[];
  file?: ServiceFile;
  probes?: Sample;
}

/** What came of one attempt. `not yet` ends the attempt: the next begins in `again` ms and gets `known` as a hint. */
export type Outcome<Kind extends TaskKind = TaskKind> =
  | { is: 'done'; result: TaskResults[Kind] }
  | { is: 'not yet'; again: Millis; known?: unknown; note?: string }
  | { is: 'failed'; failure: Failure; evidence?: Evidence };

/** The identity of a task in the ledger. */
export interface TaskId {
  effect: string;
  generation: number;
}

/** A task that is not over, as the ledger holds it. */
export interface OpenTask extends TaskId {
  subject: Subject;
  stage: string;
  undo: boolean;
}
