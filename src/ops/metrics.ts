import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Bakery's own metrics, in Prometheus' terms. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    tasks: new Counter({
      name: 'bakery_task_attempts_total',
      help: 'Attempts at tasks that this process made, by kind and outcome.',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    taskSeconds: new Histogram({
      name: 'bakery_task_attempt_seconds',
      help: 'How long attempts took.',
      labelNames: ['kind'],
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800],
      registers,
    }),
    queue: new Gauge({
      name: 'bakery_queue_attempts',
      help: 'Attempts that the queue holds, by state.',
      labelNames: ['state'],
      registers,
    }),
    commands: new Counter({
      name: 'bakery_commands_total',
      help: 'Commands that were decided, by command and answer.',
      labelNames: ['command', 'answer'],
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
