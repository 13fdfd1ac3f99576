import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What Bakery measures of itself. Labels are few and bounded: no versions, people or ids. */
export interface Metrics {
  readonly registry: Registry;
  /** A release reached an end state. */
  releaseEnded(service: string, state: string): void;
  deploymentEnded(service: string, environment: string, state: string): void;
  /** A stage is over. */
  stageEnded(stage: string, outcome: 'passed' | 'failed' | 'cancelled' | 'skipped', millis: number): void;
  taskEnded(kind: string, outcome: 'done' | 'not yet' | 'failed' | 'lost', millis: number): void;
  /** `result` is `ok` or Slack's error code. */
  slackCalled(method: string, result: string): void;
  balancerFailed(balancer: string, fault: string): void;
  /** `answer` is `accepted` or the refusal's code. */
  commandDecided(command: string, answer: string): void;
  /** How many problems the operators' files have that are not in force for them; 0 when they are. */
  filesRefused(problems: number): void;
  /** Adds numbers that are read when they are asked for. To be called once. */
  read(readings: Readings): void;
}

/** Numbers that are read when they are asked for. One that throws is left out of the answer. */
export interface Readings {
  /** How many releases and deployments are in each state now. */
  releases?(): Promise<Record<string, number>>;
  deployments?(): Promise<Record<string, number>>;
  queue?(): Promise<{ waiting: number; active: number; delayed: number }>;
  /** Milliseconds since when the oldest message that Slack does not show yet has been due; 0 for none. */
  outboxAge?(): Promise<number>;
}

const buckets = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

/** A registry of its own, so that several Bakeries in one process do not meet. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `bakery_${name}`, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Histogram({ name: `bakery_${name}`, help, labelNames, buckets, registers });

  const releases = counter('releases_ended_total', 'Releases by the state they ended in', [
    'service',
    'state',
  ]);
  const deployments = counter('deployments_ended_total', 'Deployments by the state they ended in', [
    'service',
    'environment',
    'state',
  ]);
  const stages = histogram('stage_seconds', 'How long stages took', ['stage', 'outcome']);
  const tasks = histogram('task_attempt_seconds', 'How long attempts at tasks took', ['kind', 'outcome']);
  const slack = counter('slack_calls_total', "Calls of Slack's Web API", ['method', 'result']);
  const balancers = counter('balancer_failures_total', 'Calls of balancers that failed', [
    'balancer',
    'fault',
  ]);
  const commands = counter('commands_total', 'Commands by what was decided', ['command', 'answer']);

  const files = new Gauge({
    name: 'bakery_files_problems',
    help: "Problems of the operators' files as they stand; above 0 what was before is in force",
    registers,
  });

  return {
    registry,
    releaseEnded: (service, state) => releases.inc({ service, state }),
    deploymentEnded: (service, environment, state) => deployments.inc({ service, environment, state }),
    stageEnded: (stage, outcome, millis) => stages.observe({ stage, outcome }, millis / 1000),
    taskEnded: (kind, outcome, millis) => tasks.observe({ kind, outcome }, millis / 1000),
    slackCalled: (method, result) => slack.inc({ method, result }),
    balancerFailed: (balancer, fault) => balancers.inc({ balancer, fault }),
    commandDecided: (command, answer) => commands.inc({ command, answer }),
    filesRefused: (problems) => files.set(problems),
    read: (readings) => registerReadings(registry, readings),
  };
}

function registerReadings(registry: Registry, readings: Readings): void {
  const byState = (
    name: string,
    help: string,
    read: (() => Promise<Record<string, number>>) | undefined,
  ): void => {
    if (read === undefined) return;
    const gauge: Gauge<'state'> = new Gauge({
      name: `bakery_${name}`,
      help,
      labelNames: ['state'],
      registers: [registry],
      async collect() {
        gauge.reset();
        const counts = await read().catch(() => ({}));
        for (const [state, count] of Object.entries(counts)) gauge.set({ state }, count);
      },
    });
  };
  byState('releases', 'Releases by the state they are in', readings.releases);
  byState('deployments', 'Deployments by the state they are in', readings.deployments);
  const { queue, outboxAge } = readings;
  byState('queue_tasks', 'Tasks in the queue by state', queue && (async () => ({ ...(await queue()) })));
  if (outboxAge === undefined) return;
  const age: Gauge = new Gauge({
    name: 'bakery_outbox_age_seconds',
    help: 'How long the oldest message that Slack does not show yet has been due',
    registers: [registry],
    async collect() {
      age.set((await outboxAge().catch(() => Number.NaN)) / 1000);
    },
  });
}
