import { describe, expect, it } from 'vitest';
import { sqliteOutbox } from '../../../src/ledger/outbox.ts';
import { sqliteQueries } from '../../../src/ledger/queries.ts';
import type { Answer } from '../../../src/pipeline/domain/command.ts';
import { frontDoor } from '../../../src/pipeline/front-door.ts';
import type { Pipeline } from '../../../src/pipeline/pipeline.ts';
import { commitNamed } from '../../support/core-world.ts';
import { GroupWorld } from '../../support/group-world.ts';
import { ada, eve } from '../../support/policies.ts';

/** The world behind its front door; each commit says which services' folders it changes, and holds all before it. */
function door(world: GroupWorld): { pipeline: Pipeline; commits: Map<string, string[]> } {
  const commits = new Map<string, string[]>();
  const shas = () => [...commits.keys()].map((name) => commitNamed(name).sha);
  for (const [name, of] of world.policies) world.policies.set(name, { ...of, watch: [name] });
  const pipeline = frontDoor({
    engine: {
      handle: (command) => world.do(command),
      traced: (asked, answer) => world.deciding.traced(asked, answer),
      subscribe: () => () => undefined,
    },
    query: sqliteQueries({
      db: world.file.db,
      store: {} as never,
      policies: world.policies,
      groups: world.groups,
      now: () => world.now,
    }),
    outbox: sqliteOutbox(
      world.file.db,
      (name) => world.policies.get(name),
      () => world.now,
    ),
    repositories: {
      find: async ({ ref }) => ({
        ...commitNamed(ref === 'main' ? ([...commits.keys()].at(-1) ?? '') : ref),
        ref,
        isTag: false,
      }),
      touches: async ({ from, to, paths }) => {
        const between = [...commits].slice(shas().indexOf(from) + 1, shas().indexOf(to) + 1);
        return between.some(([, changed]) => changed.some((one) => paths.includes(one)));
      },
      ancestors: async ({ of, among }) =>
        Object.fromEntries(among.map((sha) => [sha, shas().indexOf(sha) < shas().indexOf(of)])),
      reachable: async () => true,
    },
  });
  return { pipeline, commits };
}

const push = (pipeline: Pipeline, service: string): Promise<Answer> =>
  pipeline.requestRelease({
    ...{ service, ref: 'main', onlyNew: true },
    by: { kind: 'webhook', source: 'github', delivery: 'one' },
  });

const through = async (world: GroupWorld, number: number): Promise<void> => {
  await world.run(10_000);
  await world.approveAll(number);
  await world.run(60_000);
};

describe('what a commit is to a group', () => {
  it('a push releases what it concerns, once, whichever service it was told of', async () => {
    const world = new GroupWorld();
    const { pipeline, commits } = door(world);
    commits.set('one', ['worker', 'api', 'web']);
    expect(await push(pipeline, 'worker')).toMatchObject({ accepted: true });
    expect(await push(pipeline, 'api')).toMatchObject({ refused: 'already there' });
    await through(world, 1);
    commits.set('two', ['api']);
    expect(await push(pipeline, 'web')).toMatchObject({ sentence: 'shop v2 is on its way: api v2.' });
    expect(await push(pipeline, 'api')).toMatchObject({ refused: 'already there' });
    await through(world, 2);
    expect(world.live()).toEqual({ worker: 1, api: 2, web: 1 });
    commits.set('three', ['docs']);
    expect(await push(pipeline, 'api')).toMatchObject({ refused: 'nothing to do' });
  });

  it('what an earlier push brought and is not live goes along with the next', async () => {
    const world = new GroupWorld();
    const { pipeline, commits } = door(world);
    commits.set('one', ['worker', 'api', 'web']);
    await push(pipeline, 'worker');
    await through(world, 1);
    commits.set('two', ['worker', 'api']);
    await push(pipeline, 'worker');
    await world.run(10_000);
    commits.set('three', ['api']);
    expect(await push(pipeline, 'worker')).toMatchObject({
      sentence: 'shop v3 is on its way: worker v2, api v3.',
    });
    expect(world.group(2).state).toBe('superseded');
    await through(world, 3);
    expect(world.live()).toEqual({ worker: 2, api: 3, web: 1 });
  });

  it('a change that was taken back again is nobody’s to release', async () => {
    const world = new GroupWorld();
    const { pipeline, commits } = door(world);
    commits.set('one', ['worker', 'api', 'web']);
    await push(pipeline, 'worker');
    await through(world, 1);
    expect(await push(pipeline, 'worker')).toMatchObject({ refused: 'nothing to do' });
  });

  it('a push that was rejected is not asked for again by a look at the branch', async () => {
    const world = new GroupWorld();
    const { pipeline, commits } = door(world);
    commits.set('one', ['worker', 'api']);
    await push(pipeline, 'worker');
    await world.run(10_000);
    const order = { service: 'shop', version: 1, environment: 'production', by: ada } as const;
    await world.do({ do: 'reject group', ...order, reason: 'not today' });
    await world.run(10_000);
    expect(await push(pipeline, 'worker')).toMatchObject({ refused: 'already there' });
  });

  it('who names the group means all of it, and needs the right for each', async () => {
    const world = new GroupWorld();
    const { pipeline, commits } = door(world);
    commits.set('one', ['api']);
    const web = world.policies.get('web');
    if (web !== undefined) world.policies.set('web', { ...web, people: { bake: ['T1/UADA'] } });
    expect(await pipeline.requestRelease({ service: 'shop', by: eve })).toMatchObject({
      refused: 'not allowed',
    });
    expect(await pipeline.requestRelease({ service: 'shop', by: ada })).toMatchObject({
      sentence: 'shop v1 is on its way: worker v1, api v1, web v1.',
    });
  });

  it('one service that is named goes alone, with a question of its own', async () => {
    const world = new GroupWorld();
    const { pipeline, commits } = door(world);
    commits.set('one', ['api']);
    expect(await pipeline.requestRelease({ service: 'api', by: ada })).toMatchObject({
      sentence: 'api v1 is on its way.',
    });
    await world.run(10_000);
    expect(world.newest('api').wait?.for).toBe('approval');
    expect(world.allOfGroup()).toEqual([]);
  });

  it('what an outside CI builds joins with its package, and takes along what waits', async () => {
    const world = new GroupWorld();
    const { pipeline, commits } = door(world);
    const external = { key: 'env:KEY', largest: 1_000 };
    const worker = world.policies.get('worker');
    if (worker !== undefined) world.policies.set('worker', { ...worker, external });
    commits.set('one', ['worker', 'api', 'web']);
    expect(await push(pipeline, 'api')).toMatchObject({ sentence: 'shop v1 is on its way: api v1, web v1.' });
    const made = { package: { digest: 'sha256:p', size: 1, name: 'worker.tar' }, reports: [] };
    const answer = await pipeline.requestRelease({
      service: 'worker',
      by: { kind: 'webhook', source: 'ci', delivery: 'two' },
      submitted: { sha: commitNamed('one').sha, ...made },
    });
    expect(answer).toMatchObject({ sentence: 'shop v2 is on its way: worker v1, api v1, web v1.' });
    expect(world.group(1).state).toBe('superseded');
  });
});
