import type { Instance } from '../../src/pipeline/domain/instance.ts';
import { classOf, type Sample } from '../../src/pipeline/domain/measurement.ts';
import type { Outcome, TaskInputs, TaskKind } from '../../src/pipeline/domain/task.ts';
import type { InstanceReport, Provider } from '../../src/pipeline/provider.ts';
import type { Task, TaskTools } from '../../src/pipeline/tasks/contract.ts';
import { calmCall } from './call.ts';
import { fakeBalancer } from './fake-balancer.ts';

export const frontend = { slot: 'hello.production', port: 8080 };
export const health = { path: '/health', within: 10_000 };

export const instance = (id: string): Instance => ({
  provider: 'fake',
  id,
  address: `http://${id}.test`,
  effect: `launch.${id}`,
  generation: 0,
});

/** A balancer and a provider in memory with a clock that a test moves, and how a worker runs tasks on them. */
export function trafficWorld() {
  let time = 1_000_000;
  const balancer = fakeBalancer(() => time);
  const reports = new Map<string, InstanceReport>();
  const unused = (): never => {
    throw new Error('a traffic task does not call this');
  };
  const provider: Provider = {
    name: 'fake',
    inspect: async ({ id }) => reports.get(id) ?? { state: 'running', healthy: true },
    logs: async ({ id }) => [`the last line of ${id}`],
    bake: unused,
    launch: unused,
    terminate: unused,
    publish: unused,
    removeImage: unused,
    inspectImage: unused,
    readsSecret: () => false,
    launchScript: () => [],
    list: unused,
  };
  const probed: string[] = [];
  let answer = (sent: number): Sample => ({ sent, failed: 0, times: { [classOf(30)]: sent } });
  const tools: TaskTools = {
    provider: () => provider,
    balancer: () => balancer,
    probe: ({ id }) => ({
      stop: async ({ atLeast = 0 } = {}) => {
        probed.push(id);
        return answer(atLeast);
      },
    }),
    store: new Proxy({} as TaskTools['store'], { get: unused }),
    commands: new Proxy({} as TaskTools['commands'], { get: unused }),
    secret: unused,
    scratch: '/nowhere',
    now: () => time,
    pause: async (ms) => {
      time += ms;
    },
  };

  /** One attempt. */
  const run = <Kind extends TaskKind>(
    task: Task<Kind>,
    input: TaskInputs[Kind],
    known?: unknown,
  ): Promise<Outcome<Kind>> => task.run(input, tools, calmCall({ known }));

  /** Attempts until it is over, as the engine makes them; with `forget` what was known is thrown away each time. */
  async function finish<Kind extends TaskKind>(
    task: Task<Kind>,
    input: TaskInputs[Kind],
    options: { forget?: boolean; meanwhile?: (attempt: number) => void } = {},
  ): Promise<Outcome<Kind>> {
    let known: unknown;
    for (let attempt = 1; attempt < 200; attempt += 1) {
      const outcome = await run(task, input, known);
      if (outcome.is !== 'not yet') return outcome;
      known = options.forget ? undefined : JSON.parse(JSON.stringify(outcome.known ?? null));
      time += outcome.again;
      options.meanwhile?.(attempt);
    }
    throw new Error('the task never ended');
  }
  return {
    balancer,
    provider,
    tools,
    run,
    finish,
    now: () => time,
    pass: (ms: number) => {
      time += ms;
    },
    probed,
    /** What probes meet from now on, given how many are sent at least. */
    meet: (sample: (sent: number) => Sample) => {
      answer = sample;
    },
    report: (id: string, report: InstanceReport) => void reports.set(id, report),
  };
}
