import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eq, isNotNull, sql } from 'drizzle-orm';
import { afterEach, describe, expect, it } from 'vitest';
import { audit } from '../../src/ledger/audit.ts';
import { backupLedger } from '../../src/ledger/backup.ts';
import { openLedgerFile, takeCoordinatorLock } from '../../src/ledger/database.ts';
import { eraseTexts } from '../../src/ledger/erase.ts';
import { sqliteOutbox } from '../../src/ledger/outbox.ts';
import { sqliteQueries } from '../../src/ledger/queries.ts';
import { deployments, events, messages, texts } from '../../src/ledger/schema.ts';
import { LedgerUnavailable } from '../../src/ledger/unavailable.ts';
import { CoreWorld } from '../support/core-world.ts';
import { ada, policy } from '../support/policies.ts';

const dirs: string[] = [];
const temporary = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'bakery-ledger-'));
  dirs.push(dir);
  return dir;
};
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

async function lived(): Promise<CoreWorld> {
  const world = new CoreWorld();
  await world.push('one');
  await world.run(5_000);
  await world.approve('hello.production.1');
  await world.run(30_000);
  return world;
}

describe('the ledger', () => {
  it('rebuilds every table from its events, equal to what is stored', async () => {
    const { file } = await lived();
    const report = audit(file.db);
    expect(report.problems).toEqual([]);
    expect(report.events).toBeGreaterThan(30);
  });

  it('names the event that was changed behind its back', async () => {
    const { file } = await lived();
    file.db.update(events).set({ actor: '{"kind":"poll"}' }).where(eq(events.seq, 7)).run();
    expect(audit(file.db).problems[0]).toContain('Event 7');
  });

  it('names the events that were removed', async () => {
    const { file } = await lived();
    file.db.delete(events).where(eq(events.seq, 9)).run();
    expect(audit(file.db).problems.join(' ')).toContain('Events 9 to 9 are missing');
  });

  it('names the row that does not say what its events say', async () => {
    const { file } = await lived();
    file.db
      .update(deployments)
      .set({ row: sql`json_set(row, '$.share', 3)` })
      .where(eq(deployments.id, 'hello.production.1'))
      .run();
    expect(audit(file.db).problems).toEqual(['The row of hello.production.1 is not what its events say.']);
  });

  it('holds no names or subjects in its events, so that they can be erased without breaking the chain', async () => {
    const { file } = await lived();
    const bodies = file.db
      .select()
      .from(events)
      .all()
      .map(({ body }) => body)
      .join('\n');
    expect(bodies).not.toContain('Change one');
    expect(bodies).not.toContain('ada@example.test');
    const found = file.db.select().from(texts).all();
    eraseTexts(
      file,
      found.map(({ ref }) => ({ ref, words: '' })),
      ada,
      1,
    );
    expect(file.db.select().from(texts).where(isNotNull(texts.words)).all()).toEqual([]);
    expect(audit(file.db).problems).toEqual([]);
  });

  it('refuses a batch whose facts have moved, and writes nothing of it', async () => {
    const { ledger, file } = await lived();
    const before = audit(file.db).events;
    const batch = { at: 1, by: ada, texts: {}, orders: [], stop: [], channel: '#deploys' };
    const result = await ledger.commit({
      ...batch,
      expect: { 'service/hello': 1 },
      events: [{ type: 'ReleaseCancelRequested', service: 'hello', version: 1, by: ada }],
    });
    expect(result).toBe('conflict');
    expect(audit(file.db).events).toBe(before);
  });

  it('accepts the outcome of an attempt once, and of no attempt but the one that counts', async () => {
    const world = new CoreWorld();
    world.say = () => 'hang';
    await world.push('one');
    await world.run(1_000);
    const ends = { effect: 'build.hello.v1', generation: 1, attempt: 1, as: 'done' as const };
    const batch = {
      at: 1,
      by: ada,
      texts: {},
      orders: [],
      stop: [],
      channel: '#deploys',
      expect: {},
      events: [],
    };
    expect(await world.ledger.commit({ ...batch, ends: { ...ends, attempt: 2 } })).toBe('stale');
    expect(await world.ledger.commit({ ...batch, ends })).toBe('committed');
    expect(await world.ledger.commit({ ...batch, ends })).toBe('stale');
  });

  it('is opened by one coordinator at a time', () => {
    const dir = temporary();
    const first = takeCoordinatorLock(dir);
    expect(first).toBeDefined();
    expect(takeCoordinatorLock(dir)).toBeUndefined();
    first?.release();
    const second = takeCoordinatorLock(dir);
    expect(second).toBeDefined();
    second?.release();
  });

  it('says in words that another program holds it', () => {
    const dir = temporary();
    openLedgerFile(dir).close();
    const other = openLedgerFile(dir);
    other.sqlite.exec('BEGIN EXCLUSIVE');
    const file = openLedgerFile(dir);
    expect(() => file.db.insert(texts).values({ ref: 'a', words: 'b' }).run()).toThrow(/locked/);
    file.close();
    other.close();
  });

  it('refuses a database that a newer program wrote', () => {
    const dir = temporary();
    const file = openLedgerFile(dir);
    file.sqlite.exec(`INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 99999999999999)`);
    file.close();
    expect(() => openLedgerFile(dir)).toThrow(LedgerUnavailable);
  });

  it('is copied whole while it is written to', async () => {
    const dir = temporary();
    const file = openLedgerFile(dir);
    for (let index = 0; index < 50; index++)
      file.db
        .insert(texts)
        .values({ ref: `r${index}`, words: 'w' })
        .run();
    const copying = backupLedger(dir, join(dir, 'copy', 'ledger.sqlite'));
    file.db.insert(texts).values({ ref: 'later', words: 'w' }).run();
    await copying;
    const copy = openLedgerFile(join(dir, 'copy'));
    expect(copy.db.select().from(texts).all().length).toBeGreaterThanOrEqual(50);
    copy.close();
    file.close();
  });
});

describe('what Slack is to show', () => {
  const view = async () => {
    const world = await lived();
    const policies = new Map([['hello', policy()]]);
    const outbox = sqliteOutbox(
      world.file.db,
      (name) => policies.get(name),
      () => world.now,
    );
    const store = { readLog: async () => '' } as never;
    return {
      world,
      outbox,
      query: sqliteQueries({ db: world.file.db, store, policies, now: () => world.now }),
    };
  };

  it('has one card for a release until it is first live in production, and one for each later deployment', async () => {
    const { world, outbox } = await view();
    await world.push('two');
    await world.run(5_000);
    await world.approve('hello.production.2');
    await world.run(30_000);
    await world.do({ do: 'roll back', service: 'hello', version: 1, environment: 'production', by: ada });
    await world.run(5_000);
    const due = await outbox.due(100);
    const cards = due.filter(({ content }) => content.kind.endsWith(' card')).map(({ key }) => key);
    expect(cards.sort()).toEqual(['deployment.hello.production.3', 'release.hello.v1', 'release.hello.v2']);
  });

  it('is due again when its rows change after it was shown', async () => {
    const { world, outbox } = await view();
    const card = await outbox.find('release.hello.v1');
    if (card === undefined) throw new Error('no card');
    await outbox.shown(card.key, { channel: 'C1', ts: '1.1', hash: 'h', revision: card.revision });
    expect((await outbox.due(100)).map(({ key }) => key)).not.toContain(card.key);
    await world.do({ do: 'roll back', service: 'hello', version: 1, environment: 'dev', by: ada });
    await world.push('two');
    await world.run(5_000);
    await world.approve('hello.production.2');
    await world.run(20_000);
    expect((await outbox.due(100)).map(({ key }) => key)).toContain(card.key);
  });

  it('is given up with its reason and asked for no more', async () => {
    const { world, outbox } = await view();
    await outbox.givenUp('release.hello.v1', 'channel gone');
    const row = world.file.db.select().from(messages).where(eq(messages.key, 'release.hello.v1')).get();
    expect(row?.givenUp).toBe('channel gone');
    expect((await outbox.due(100)).map(({ key }) => key)).not.toContain('release.hello.v1');
  });

  it('is drawn from rows with every text that they name', async () => {
    const { query } = await view();
    const card = await query.release('hello', 1);
    expect(Object.values(card?.texts ?? {})).toContain('Change one');
    expect(card?.deployments.map(({ environment }) => environment)).toEqual(['dev', 'production']);
    expect(card?.expected.build).toBeDefined();
  });
});
