import type { EngineLog, EngineParts } from '../pipeline/engine/parts.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { RunAttempt, TaskQueue } from '../pipeline/task-queue.ts';
import type { QueueOptions } from '../queue/open-queue.ts';

type Handle = Pipeline['handle'];

/** How what happens to a release is told to a collector of traces. Without one everything is as it was. */
export interface Tracing {
  /** For BullMQ: its own spans of what is enqueued and taken. */
  telemetry?: NonNullable<QueueOptions['telemetry']>;
  /** What is enqueued belongs to its stage. */
  queue(queue: TaskQueue): TaskQueue;
  /** Each attempt is a span, and what it calls lies below. */
  run(run: RunAttempt): RunAttempt;
  /** Each command is a span in the trace of what it is about. */
  handle(handle: Handle): Handle;
  /** Stages, releases and deployments that ended with a commit. */
  observe: NonNullable<EngineParts['observe']>;
  /** What was not sent yet is sent, for a few seconds at most. */
  stop(): Promise<void>;
}

export interface TracingParts {
  installation: string;
  /** `bot`, `worker` or both, as the collector is told. */
  role: string;
  secret(reference: string): Promise<string>;
  log: EngineLog;
}
