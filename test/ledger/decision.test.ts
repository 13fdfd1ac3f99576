import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { changesBetween } from '../../src/ledger/changes.ts';
import { sqliteOutbox } from '../../src/ledger/outbox.ts';
import { sqliteQueries } from '../../src/ledger/queries.ts';
import { events } from '../../src/ledger/schema.ts';
import type { Outbox } from '../../src/pipeline/outbox.ts';
import type { Queries } from '../../src/pipeline/pipeline.ts';
import type { CommitLog } from '../../src/pipeline/repositories.ts';
import type { Warning } from '../../src/pipeline/views.ts';
import { CoreWorld } from '../support/core-world.ts';
import { ada, policy } from '../support/policies.ts';

const servicePolicy = policy();
const minute = 60_000;
let world: CoreWorld;
let query: Queries;
let outbox: Outbox;
let asked: Parameters<CommitLog['between']>[0][];
let broken: boolean;
let warned: Warning | undefined;
let back: Awaited<ReturnType<CommitLog['between']>>;

beforeEach(async () => {
  world = new CoreWorld(servicePolicy);
  asked = [];
  broken = false;
  warned = undefined;
  back = { lines: [], total: 0 };
  const commits: CommitLog = {
    async between(order) {
      asked.push(order);
      if (broken) throw new Error('the repository is gone');
      // Nothing of what is live is missing in what comes after it, unless the test says so.
      if (order.to === world.release(1).commit.sha) return back;
      return { lines: [{ sha: order.to, subject: 'Say hello twice', author: 'Ada' }], total: 7 };
    },
  };
  const manifest = (digest: string) => ({
    packages: [
      { name: 'node', version: digest.slice(-2) },
      ...(digest.endsWith('2') ? [{ name: 'curl' }] : []),
    ],
  });
  const store = { get: async (digest: string) => Readable.from([JSON.stringify(manifest(digest))]) };
  const now = () => world.now;
  const policies = new Map([['hello', servicePolicy]]);
  const changes = changesBetween({ store, commits, now });
  // Only manifests are read here.
  query = sqliteQueries({
    db: world.file.db,
    store: store as never,
    policies,
    now,
    changes,
    checks: async () => warned,
  });
  outbox = sqliteOutbox(world.file.db, (service) => policies.get(service), now, changes);
  await world.push('one');
  await world.run();
  await world.approve('hello.production.1');
  await world.run(5 * minute);
});

const decision = async (version: number) => {
  const view = await query.release('hello', version);
  return Object.values(view?.decisions ?? {})[0];
};

describe('what an approver is shown', () => {
  it('holds the commits since the live version, read once, and how young that is', async () => {
    await world.push('two');
    await world.run(minute);
    const facts = await decision(2);
    expect(facts).toMatchObject({
      live: { version: 1 },
      changes: {
        from: 1,
        to: 2,
        commits: { total: 7, lines: [{ subject: 'Say hello twice', author: 'Ada' }] },
      },
      settings: { added: [], removed: [], changed: [] },
    });
    expect(facts?.warnings.map(({ is }) => is)).toContain('live is young');
    await decision(2);
    const since = asked.filter(({ from }) => from === world.release(1).commit.sha);
    expect(new Set(since.map(({ to }) => to)).size).toBe(since.length);
  });

  it('holds the live commits that it would take back, and nothing when there are none', async () => {
    await world.push('two');
    await world.run(minute);
    expect((await decision(2))?.changes).not.toHaveProperty('takenBack');
    back = { lines: [{ sha: 'f1', subject: 'Fix the till', author: 'Bob' }], total: 1 };
    await world.push('three');
    await world.run(minute);
    expect((await decision(3))?.changes?.takenBack).toMatchObject({
      total: 1,
      lines: [{ subject: 'Fix the till' }],
    });
  });

  it('holds what the forge says against it, while it waits', async () => {
    await world.push('two');
    await world.run(minute);
    expect((await decision(2))?.warnings.map(({ is }) => is)).not.toContain('checks');
    warned = { is: 'checks', problem: 'lint failed' };
    expect((await decision(2))?.warnings).toContainEqual(warned);
  });

  it('warns when the commit was rolled back before, and tells how long that took', async () => {
    await world.push('two');
    await world.run(minute);
    await world.approve('hello.production.2');
    await world.run(minute);
    await world.do({ do: 'roll back', service: 'hello', version: 1, environment: 'production', by: ada });
    await world.run(minute);
    await world.push('three');
    await world.run(minute);
    const facts = await decision(3);
    expect(facts?.lastRollback).toBeGreaterThanOrEqual(0);
    expect(facts?.live?.version).toBe(1);
    world.file.sqlite
      .prepare('UPDATE releases SET sha = ? WHERE version = 2')
      .run(world.release(3).commit.sha);
    expect((await decision(3))?.warnings).toContainEqual({
      is: 'rolled back before',
      version: 2,
      environment: 'production',
    });
  });

  it('warns of the first release in a long time, and of the first ever', async () => {
    world.now += 40 * 24 * 60 * minute;
    await world.push('two');
    await world.run(minute);
    expect((await decision(2))?.warnings).toContainEqual(
      expect.objectContaining({ is: 'first in a while', after: expect.any(Number) }),
    );
  });

  it('leaves out what cannot be read, and tries again a minute later', async () => {
    broken = true;
    await world.push('two');
    await world.run(minute);
    expect((await decision(2))?.changes?.commits).toBeUndefined();
    broken = false;
    expect((await decision(2))?.changes?.commits).toBeUndefined();
    world.now += 61_000;
    expect((await decision(2))?.changes?.commits?.total).toBe(7);
  });
});

it('the thread of a new release is told what it changes against the live one', async () => {
  await world.push('two');
  const requested = world.file.db
    .select()
    .from(events)
    .all()
    .findLast(({ type }) => type === 'ReleaseRequested');
  const view = await outbox.note(requested?.seq ?? 0);
  expect(view?.changes).toMatchObject({ from: 1, to: 2, commits: { total: 7 } });
});

it('usual times are told by stage for releases and by environment for deployments', async () => {
  await world.push('two');
  await world.run(minute);
  const view = await query.release('hello', 2);
  expect(Object.keys(view?.expected ?? {})).toEqual(
    expect.arrayContaining(['build', 'bake', 'dev/launch', 'production/cut-over']),
  );
});
