import { context, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import type { Outcome } from '../pipeline/domain/task.ts';
import type { Attempt } from '../pipeline/task-queue.ts';
import type { Tracing } from './contract.ts';
import { stageSpan, under } from './ids.ts';

interface Parts {
  installation: string;
  tracer: Tracer;
}

/** What is enqueued and what is done of it, below the stage that it belongs to. Upkeep is of none, and is not traced. */
export function spansOfTasks({ installation, tracer }: Parts): Pick<Tracing, 'queue' | 'run'> {
  const contextOf = ({ log }: Pick<Attempt, 'log'>) => {
    const stage = stageSpan(installation, log);
    return stage === undefined ? undefined : under(stage);
  };
  return {
    queue: (queue) => ({
      ...queue,
      add: (attempt, delay) => {
        const stage = contextOf(attempt);
        return stage === undefined
          ? queue.add(attempt, delay)
          : context.with(stage, () => queue.add(attempt, delay));
      },
    }),
    run: (run) => (attempt, control) => {
      const stage = contextOf(attempt);
      if (stage === undefined) return run(attempt, control);
      // The queue's own span of taking it, where the queue carried the context.
      const taken = trace.getSpan(context.active()) === undefined ? stage : context.active();
      const attributes = { 'bakery.effect': attempt.effect, 'bakery.attempt': attempt.attempt };
      return tracer.startActiveSpan(attempt.kind, { attributes }, taken, async (span) => {
        try {
          const outcome = await run(attempt, control);
          span.setAttributes(ended(outcome));
          if (outcome.is === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
          return outcome;
        } finally {
          span.end();
        }
      });
    },
  };
}

/** Its kind of end alone: sentences may quote what others wrote. */
const ended = (outcome: Outcome): Record<string, string> => ({
  'bakery.outcome': outcome.is,
  ...(outcome.is === 'failed' ? { 'error.type': outcome.failure.fault } : {}),
});
