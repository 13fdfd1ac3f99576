import type { Marked } from '../../src/pipeline/domain/marked.ts';
import type { Mark, Outcome, TaskInputs, TaskKind } from '../../src/pipeline/domain/task.ts';
import type { Attempt } from '../../src/pipeline/task-queue.ts';
import { serviceFile } from './policies.ts';

/** A cloud and a balancer in memory that do what each task asks, twice or late as well as once. */
export interface SmallCloud {
  readonly now: number;
  /** Instances that run. */
  readonly running: Set<string>;
  /** By id: what each image was baked for. */
  readonly images: Map<string, Mark>;
  /** Ids of images that are gone. */
  readonly lostImages: Set<string>;
  /** Instances that run and fail their health check. */
  readonly unwell: Set<string>;
  /** By instance: what it was made for. */
  readonly marks: Map<string, Mark>;
  /** By slot: the weights of its members. */
  readonly weights: Map<string, Record<string, number>>;
  /** Versions in the order of their bakes. */
  readonly bakes: number[];
}

/** Does one attempt at a task. */
export function workOf(cloud: SmallCloud, attempt: Attempt): Outcome {
  const work = works[attempt.kind];
  // The input travelled with its kind.
  return work(cloud, attempt.input as never, attempt);
}

type Works = {
  [Kind in TaskKind]: (world: SmallCloud, input: TaskInputs[Kind], attempt: Attempt) => Outcome;
};

const weightsOf = (world: SmallCloud, slot: string): Record<string, number> => {
  const known = world.weights.get(slot) ?? {};
  world.weights.set(slot, known);
  return known;
};

function foundOf(world: SmallCloud, id: string, owner: string): Marked[] {
  const mark = world.marks.get(id);
  if (mark === undefined || mark.owner !== owner) return [];
  const { effect, generation } = mark;
  return [
    {
      what: 'instance',
      id,
      mark,
      instance: { provider: 'local', id, address: `http://${id}`, effect, generation },
    },
  ];
}

const works: Works = {
  build: (_world, { sha }) => ({
    is: 'done',
    result: { package: { digest: `sha256:package-${sha}`, size: 10, name: 'hello.tar' }, file: serviceFile },
  }),
  bake: (world, input) => {
    world.bakes.push(input.mark.version);
    world.images.set(`image-${input.sha}`, input.mark);
    world.lostImages.delete(`image-${input.sha}`);
    const image = {
      provider: 'local',
      id: `image-${input.sha}`,
      digest: `sha256:image-${input.sha}`,
      manifest: 'sha256:m',
      size: 1,
      reused: false,
    };
    return { is: 'done', result: { image } };
  },
  publish: (_world, { image }) => ({ is: 'done', result: { copies: [`far/${image.id}`] } }),
  hook: () => ({ is: 'done', result: {} }),
  migrate: (world, { mark }) => {
    const id = `${mark.effect}.g${mark.generation}`;
    world.running.add(id);
    world.marks.set(id, mark);
    return { is: 'done', result: {} };
  },
  launch: (world, { mark }) => {
    const id = `${mark.effect}.g${mark.generation}`;
    world.running.add(id);
    world.marks.set(id, mark);
    const { effect, generation } = mark;
    return {
      is: 'done',
      result: { instance: { provider: 'local', id, address: `http://${id}`, effect, generation } },
    };
  },
  verify: (_world, { parts }) => ({
    is: 'done',
    result: {
      suites: parts.map(({ version }) => ({
        name: 'functional',
        passed: 3,
        failed: 0,
        failures: [],
        of: version,
      })),
    },
  }),
  admit: (world, { frontend, instances }) => {
    const weights = weightsOf(world, frontend.slot);
    for (const { id } of instances) weights[id] ??= 0;
    return { is: 'done', result: {} };
  },
  shift: (world, { frontend, weights }) => {
    const known = weightsOf(world, frontend.slot);
    for (const id of Object.keys(known)) known[id] = weights[id] ?? 0;
    return { is: 'done', result: { requests: 100, failed: 0 } };
  },
  watch: (world, { until }) =>
    world.now >= until ? { is: 'done', result: { requests: 200, failed: 0 } } : { is: 'not yet', again: 500 },
  drain: (world, { frontend, instances }) => {
    const weights = weightsOf(world, frontend.slot);
    for (const { id } of instances) delete weights[id];
    return { is: 'done', result: {} };
  },
  detach: (world, { frontend, instances }) => {
    const weights = weightsOf(world, frontend.slot);
    for (const { id } of instances) delete weights[id];
    return { is: 'done', result: {} };
  },
  terminate: (world, { made }) => {
    for (const { effect, generation } of made) world.running.delete(`${effect}.g${generation}`);
    return { is: 'done', result: { removed: made.length } };
  },
  check: (world, { image, version }) => ({
    is: 'done',
    result: world.lostImages.has(image.id)
      ? { version, state: 'gone', because: 'it is not there any more' }
      : { version, state: 'present' },
  }),
  rehearse: (world, { image, mark: { version } }) => ({
    is: 'done',
    result: world.lostImages.has(image.id)
      ? { version, passed: false, because: 'its image is not there' }
      : { version, passed: true, startedIn: 12_000 },
  }),
  script: (_world, { marks, instead }) => ({
    is: 'done',
    result: {
      version: marks[0]?.version ?? 0,
      deployment: instead.deployment,
      script: `sha256:script-${instead.deployment}`,
      made: marks.map(({ effect, generation }) => ({ effect, generation })),
    },
  }),
  inventory: (world, { owner }) => ({
    is: 'done',
    result: {
      found: [
        ...[...world.running].flatMap((id) => foundOf(world, id, owner)),
        ...[...world.images].map(([id, mark]) => ({ what: 'image' as const, id, mark })),
      ],
    },
  }),
  reconcile: (world, { owner, slots }) => ({
    is: 'done',
    result: {
      found: [...world.running].flatMap((id) => foundOf(world, id, owner)),
      slots: slots.map(({ environment, frontend }) => ({
        environment,
        epoch: 0,
        members: Object.entries(weightsOf(world, frontend.slot)).map(([instance, weight]) => ({
          instance,
          weight,
        })),
      })),
    },
  }),
  discard: (world, { provider, images }) => {
    const removed = images.flatMap((id) => {
      const mark = world.images.get(id);
      world.images.delete(id);
      world.lostImages.add(id);
      if (mark === undefined) return [];
      return [{ what: 'image' as const, id, version: mark.version, environment: mark.environment }];
    });
    return { is: 'done', result: { provider, removed, inUse: [] } };
  },
  reap: (world, { provider, made, slots }) => {
    const meant = [...world.marks].filter(
      ([id, { effect, generation }]) =>
        world.running.has(id) && made.some((one) => one.effect === effect && one.generation === generation),
    );
    const weights = slots.map(({ frontend }) => weightsOf(world, frontend.slot));
    const inUse = meant.map(([id]) => id).filter((id) => weights.some((slot) => (slot[id] ?? 0) > 0));
    if (inUse.length > 0) return { is: 'done', result: { provider, removed: [], inUse } };
    for (const [id] of meant) {
      world.running.delete(id);
      for (const slot of weights) delete slot[id];
    }
    const removed = meant.map(([id, { version, environment }]) => ({
      what: 'instance' as const,
      id,
      version,
      environment,
    }));
    return { is: 'done', result: { provider, removed, inUse: [] } };
  },
  survey: (world, { balancer, frontend, instances, traffic }) => ({
    is: 'done',
    result: {
      ...(traffic === undefined ? {} : astray(weightsOf(world, frontend.slot), instances, traffic)),
      alive: instances.map(({ id }) => id).filter((id) => world.running.has(id)),
      unwell: instances.map(({ id }) => id).filter((id) => world.unwell.has(id)),
      ...(balancer === ''
        ? { members: instances.map(({ id }) => id) }
        : {
            members: Object.keys(weightsOf(world, frontend.slot)),
            weights: { ...weightsOf(world, frontend.slot) },
          }),
    },
  }),
  output: (_world, { instances, lines }) => ({
    is: 'done',
    result: {
      outputs: instances.map(({ id }) => ({ instance: id, lines: [`${id} listens`, `told to ${lines}`] })),
    },
  }),
};

function astray(
  weights: Record<string, number>,
  instances: { id: string }[],
  traffic: NonNullable<TaskInputs['survey']['traffic']>,
) {
  const known = [...instances.map(({ id }) => id), ...traffic.beside];
  const members = Object.keys(weights);
  const strangers = members.filter((id) => !known.includes(id));
  if (strangers.some((id) => (weights[id] ?? 0) > 0)) return {};
  return {
    strangers,
    misweighted: members.some((id) => weights[id] !== (traffic.weights[id] ?? 0)),
  };
}
