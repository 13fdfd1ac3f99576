import { describe, expect, it, onTestFinished } from 'vitest';
import { tellForge } from '../../src/forge/tell-forge.ts';
import { sqliteOutbox } from '../../src/ledger/outbox.ts';
import { sqliteOutward } from '../../src/ledger/outward.ts';
import { outward } from '../../src/ledger/schema.ts';
import { startCourier } from '../../src/outward/courier.ts';
import type { CommitLog } from '../../src/pipeline/repositories.ts';
import { CoreWorld, commitNamed, failed } from '../support/core-world.ts';
import { eventually } from '../support/eventually.ts';
import { githubApi } from '../support/github-api.ts';
import { gitlabApi } from '../support/gitlab-api.ts';
import { ada, policy } from '../support/policies.ts';

const shaOf = (name: string): string => commitNamed(name).sha;

/** A world whose service tells a forge, with what brings the tellings there. */
function telling(forge: 'github' | 'gitlab', api: string, { token = 'the token' } = {}) {
  const feedback = { forge, api, project: 'acme/hello', token: 'env:TOKEN', comments: true };
  const world = new CoreWorld(policy({ feedback }));
  const policies = (service: string) => world.parts.policies.get(service);
  const desk = sqliteOutward(world.file.db, policies, () => world.now);
  const commits: CommitLog = {
    between: async ({ to }) => ({ lines: [{ sha: to, subject: '', author: '' }], total: 1 }),
  };
  const open = () =>
    world.file.db
      .select()
      .from(outward)
      .all()
      .filter(({ due }) => due);
  const courier = () => {
    const running = startCourier({
      desk,
      tell: tellForge({ desk, secret: async () => token, commits }),
      link: async ({ ts }) => `https://slack.example/${ts}`,
      now: () => world.now,
      log: { warn: () => undefined },
      subscribe: () => () => undefined,
      interval: 10,
    });
    onTestFinished(() => running.stop());
    return running;
  };
  /** Waits until all is told; a card that is not posted is waited for by the world's clock. */
  const allTold = async () => {
    world.now += 20_000;
    await eventually('all is told', 10_000, () => open().length === 0);
  };
  const post = async () => {
    const outbox = sqliteOutbox(world.file.db, policies, () => world.now);
    for (const { key } of await outbox.due(100))
      await outbox.shown(key, { channel: 'C1', ts: `ts-of-${key}`, hash: 'h', revision: 1 });
  };
  return { world, courier, allTold, post, open };
}

async function live(made: ReturnType<typeof telling>): Promise<void> {
  const { world, post } = made;
  await world.push('one');
  await post();
  await world.run(5_000);
  await world.approve('hello.production.1');
  await world.run(30_000);
  await post();
}

describe('a forge', () => {
  it('at GitHub shows each stage of a commit and each environment, linked to the card', async () => {
    const github = await githubApi();
    const made = telling('github', github.api);
    made.courier();
    await made.world.push('one');
    await made.post();
    await made.allTold();
    expect(github.statuses.map(({ context, state }) => [context, state])).toContainEqual([
      'bakery/hello/build',
      'pending',
    ]);
    await made.world.run(5_000);
    await made.allTold();
    const waiting = github.deployments.find(({ environment }) => environment === 'production');
    expect(waiting?.statuses.at(-1)).toMatchObject({
      state: 'queued',
      description: 'hello v1: waits for approval',
      log_url: 'https://slack.example/ts-of-release.hello.v1',
    });
    await made.world.approve('hello.production.1');
    await made.world.run(30_000);
    await made.allTold();
    const newest = new Map(github.statuses.map((one) => [one.context, one]));
    expect([...newest.keys()].toSorted()).toEqual(
      ['bake', 'build', 'candidate', 'promote', 'verify'].map((stage) => `bakery/hello/${stage}`),
    );
    for (const status of newest.values())
      expect(status).toMatchObject({
        sha: shaOf('one'),
        state: 'success',
        target_url: 'https://slack.example/ts-of-release.hello.v1',
      });
    expect(
      github.deployments.map(({ environment, ref, production_environment, statuses }) => [
        environment,
        ref,
        production_environment,
        statuses.at(-1)?.state,
      ]),
    ).toEqual([
      ['dev', shaOf('one'), false, 'success'],
      ['production', shaOf('one'), true, 'success'],
    ]);
  });

  it('at GitLab shows each stage of a commit and each environment', async () => {
    const gitlab = await gitlabApi();
    const made = telling('gitlab', gitlab.api);
    made.courier();
    await made.world.push('one');
    await made.post();
    await made.allTold();
    expect(gitlab.statuses[0]).toMatchObject({ name: 'bakery/hello/build', status: 'running' });
    await made.world.run(5_000);
    await made.allTold();
    expect(gitlab.deployments.map(({ environment }) => environment)).toEqual(['dev']);
    await made.world.approve('hello.production.1');
    await made.world.run(30_000);
    await made.allTold();
    expect(gitlab.statuses).toHaveLength(5);
    for (const status of gitlab.statuses)
      expect(status).toMatchObject({
        status: 'success',
        target_url: 'https://slack.example/ts-of-release.hello.v1',
      });
    expect(gitlab.deployments.map(({ environment, sha, status }) => [environment, sha, status])).toEqual([
      ['dev', shaOf('one'), 'success'],
      ['production', shaOf('one'), 'success'],
    ]);
  });

  it('is told why a stage failed, by its kind and never by its output', async () => {
    const github = await githubApi();
    const made = telling('github', github.api);
    made.courier();
    made.world.say = ({ kind }) =>
      kind === 'build' ? failed('command failed', 'npm test says hunter2 is the password') : undefined;
    await made.world.push('one');
    await made.world.run(5_000);
    await made.allTold();
    expect(github.statuses.at(-1)).toMatchObject({
      state: 'failure',
      description: 'hello v1: build failed: a command failed',
    });
    expect(JSON.stringify(github.asked.map(({ body }) => body))).not.toContain('hunter2');
  });

  it('is told that a rollback has taken the place of what it left', async () => {
    const github = await githubApi();
    const made = telling('github', github.api);
    made.courier();
    await live(made);
    await made.world.push('two');
    await made.world.run(5_000);
    await made.world.approve('hello.production.2');
    await made.world.run(30_000);
    await made.allTold();
    const states = () =>
      github.deployments
        .filter(({ environment }) => environment === 'production')
        .map(({ sha, statuses }) => [sha, statuses.at(-1)?.state]);
    expect(states()).toEqual([
      [shaOf('one'), 'inactive'],
      [shaOf('two'), 'success'],
    ]);
    await made.world.do({ do: 'roll back', service: 'hello', environment: 'production', by: ada });
    await made.world.run(60_000);
    await made.allTold();
    expect(states()).toEqual([
      [shaOf('one'), 'inactive'],
      [shaOf('two'), 'inactive'],
      [shaOf('one'), 'success'],
    ]);
  });

  it.each([
    ['GitHub', githubApi, 'github' as const],
    ['GitLab', gitlabApi, 'gitlab' as const],
  ])('whose answers are lost has everything once all the same: %s', async (_name, api, kind) => {
    const forge = await api();
    const made = telling(kind, forge.api);
    forge.mood = 'lost';
    made.courier();
    await live(made);
    made.world.now += 20_000;
    await eventually('everything was told, and no answer came', 10_000, () => forge.deployments.length === 2);
    forge.mood = 'well';
    for (let more = 0; more < 8; more++) made.world.now += 20_000;
    await made.allTold();
    expect(forge.deployments).toHaveLength(2);
    const shown = forge.statuses.map(
      (one) => `${String(one.context ?? one.name)} ${String(one.state ?? one.status)}`,
    );
    expect(shown.length).toBe(new Set(shown).size);
  });

  it('that is away is told later, and of what changed meanwhile the newest alone', async () => {
    const github = await githubApi();
    const made = telling('github', github.api);
    github.mood = 'away';
    const first = made.courier();
    await live(made);
    made.world.now += 20_000;
    await eventually('the forge was asked', 10_000, () => github.asked.length >= 4);
    await first.stop();
    expect(made.open().length).toBeGreaterThan(0);
    github.mood = 'well';
    made.courier();
    made.world.now += 600_000;
    await made.allTold();
    expect(github.statuses.map(({ state }) => state)).toEqual(Array(5).fill('success'));
  });

  it('that refuses the token for a day is not told any more, with the reason kept', async () => {
    const github = await githubApi();
    const made = telling('github', github.api, { token: 'another' });
    made.courier();
    await made.world.push('one');
    made.world.now += 25 * 3_600_000;
    await eventually('it is given up', 10_000, () => made.open().length === 0);
    const [row] = made.world.file.db.select().from(outward).all();
    expect(row?.givenUp).toContain('status 401');
    expect(row?.givenUp).toContain('`feedback`');
  });

  it.each([
    ['GitHub', githubApi, 'github' as const],
    ['GitLab', gitlabApi, 'gitlab' as const],
  ])('tells the merged requests, once, that their commit is live: %s', async (_name, api, kind) => {
    const forge = await api();
    const sha = shaOf('one');
    if ('pulls' in forge)
      forge.pulls[sha] = [
        { number: 7, merged_at: '2026-01-01T00:00:00Z' },
        { number: 8, merged_at: null },
      ];
    else
      forge.requests[sha] = [
        { iid: 7, state: 'merged' },
        { iid: 8, state: 'opened' },
      ];
    const made = telling(kind, forge.api);
    forge.mood = 'lost';
    made.courier();
    await live(made);
    made.world.now += 20_000;
    const said = () => ('pulls' in forge ? forge.comments : forge.notes);
    await eventually('it was said, and no answer came', 10_000, () => said()['7']?.length);
    forge.mood = 'well';
    for (let more = 0; more < 8; more++) made.world.now += 20_000;
    await made.allTold();
    expect(Object.keys(said())).toEqual(['7']);
    expect(said()['7']).toHaveLength(1);
    expect(said()['7']?.[0]?.body).toContain('Live in **production** with hello v1.');
  });
});

it('a service without feedback has nothing told, and its ledger holds none of it', async () => {
  const world = new CoreWorld();
  await world.push('one');
  await world.run(5_000);
  expect(world.file.db.select().from(outward).all()).toEqual([]);
});

it('what is refused because the facts moved is told to no forge', async () => {
  const world = new CoreWorld();
  await world.push('one');
  const result = await world.ledger.commit({
    at: 1,
    by: ada,
    texts: {},
    orders: [],
    stop: [],
    channel: '',
    outward: { feedback: { comments: true } },
    expect: { 'service/hello': 1 },
    events: [{ type: 'ReleaseStageBegan', service: 'hello', version: 1, stage: 'build', generation: 1 }],
  });
  expect(result).toBe('conflict');
  expect(world.file.db.select().from(outward).all()).toEqual([]);
});
