import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { audit } from '../../src/ledger/audit.ts';
import { backupLedger } from '../../src/ledger/backup.ts';
import { openLedgerFile, takeCoordinatorLock } from '../../src/ledger/database.ts';
import { liveAt } from '../../src/ledger/live-at.ts';
import { restoreLedger } from '../../src/ledger/restore.ts';
import { messages } from '../../src/ledger/schema.ts';
import { CoreWorld } from '../support/core-world.ts';
import { ada, policy } from '../support/policies.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ops = { kind: 'operator', account: 'ops' } as const;

/** A world whose ledger lies in a folder. */
const worldIn = (folder: string) => new CoreWorld(policy(), openLedgerFile(folder));

async function ship(world: CoreWorld, name: string): Promise<void> {
  await world.push(name);
  await world.run(60_000);
  const id = world.slot('production').open.find((one) => world.deployment(one).wait?.for === 'approval');
  await world.approve(id ?? '');
  await world.run(60_000);
  await world.do({ do: 'retire', service: 'hello', deployment: id ?? '', by: ada });
  await world.run(60_000);
}

/**
 * v1 is live and v2 on its way when the backup is made; since then v2 and v3 went live and v4 waits. Then the backup is
 * put in place, and the world goes on with the same clouds.
 */
async function restoredWorld() {
  const folder = tempFolder();
  const world = worldIn(folder);
  await ship(world, 'one');
  await world.push('two');
  await world.run(20_000);
  await backupLedger(folder, join(folder, 'backup.sqlite'));
  const id = world.slot('production').open[0] ?? '';
  await world.approve(id);
  await world.run(60_000);
  await world.do({ do: 'retire', service: 'hello', deployment: id, by: ada });
  await world.run(60_000);
  await ship(world, 'three');
  await world.push('four');
  await world.run(60_000);
  expect(world.slot('production').live?.version).toBe(3);
  const before = new Set(world.running);
  const weights = structuredClone(world.weights.get('hello.production'));
  world.file.close();
  const made = await restoreLedger({
    dataDir: folder,
    backup: join(folder, 'backup.sqlite'),
    policies: new Map([['hello', policy()]]),
    by: ops,
    now: world.now,
  });
  const after = worldIn(folder);
  after.takeCloudsOf(world);
  return { folder, after, before, weights, made };
}

describe('a restored older ledger', () => {
  it('does no harm: what serves goes on serving, and nothing is started or removed', async () => {
    const { after, before, weights } = await restoredWorld();
    expect(after.slot('production').live?.version).toBe(1);
    await after.upkeep(10 * 60_000);
    expect(after.running).toEqual(before);
    expect(after.weights.get('hello.production')).toEqual(weights);
    const worked = new Set(after.attempts.map(({ kind }) => kind));
    expect([...worked].sort()).toEqual(['inventory', 'reconcile']);
  });

  it('takes over what serves, and numbers versions above the highest found', async () => {
    const { after } = await restoredWorld();
    await after.upkeep(60_000);
    expect(after.slot('production').live).toMatchObject({ version: 3, deployment: 'found-after-restore' });
    expect(await after.push('five')).toMatchObject({ accepted: true, version: 5 });
    await after.run(60_000);
    const id = after.slot('production').open[0] ?? '';
    expect(after.deployment(id)).toMatchObject({ version: 5, environment: 'production' });
    await after.approve(id);
    await after.run(60_000);
    expect(after.slot('production')).toMatchObject({ live: { version: 5 }, beside: { version: 3 } });
    await after.do({ do: 'retire', service: 'hello', deployment: id, by: ada });
    await after.run(60_000);
    expect(after.running.has(id)).toBe(false);
    expect(after.slot('production').beside).toBeUndefined();
  });

  it('answers with what it found for who was live since', async () => {
    const { after } = await restoredWorld();
    await after.survey();
    await after.run(20_000);
    const found = liveAt(after.file.db, 'hello', ['production'], after.now);
    expect(found).toMatchObject([{ environment: 'production', serving: { version: 3 } }]);
  });

  it('takes no command until the clouds were looked at, and says why', async () => {
    const { after } = await restoredWorld();
    const answer = await after.push('five');
    expect(answer).toMatchObject({ refused: 'too early' });
    expect(answer.sentence).toContain('try again in a minute');
    await after.upkeep(30_000);
    expect(await after.push('five')).toMatchObject({ accepted: true });
  });

  it('ends what it held as under way, so that nothing of it goes on', async () => {
    const { after } = await restoredWorld();
    expect(after.release(2).state).toBe('production ready');
    expect(after.deploymentIds().map((id) => after.deployment(id).state)).toContain('cancelled');
    expect(after.slot('production')).toMatchObject({ open: [] });
    expect(after.slot('production').lease).toBeUndefined();
    expect(await after.ledger.toEnqueue(10)).toEqual([]);
  });

  it('leaves leases, deployments and generations of the forgotten time behind it', async () => {
    const { after, made } = await restoredWorld();
    await after.upkeep(30_000);
    await after.push('five');
    await after.run(60_000);
    const [id = ''] = after.slot('production').open;
    expect(after.deployment(id).generation).toBe(made.epoch * 1_000 + 1);
    await after.approve(id);
    await after.run(60_000);
    expect(after.slot('production').epoch).toBeGreaterThan(made.epoch * 1_000_000);
  });

  it('keeps the reaper off until a person allows it, and then it removes what was found', async () => {
    const { after } = await restoredWorld();
    const stray = after.stray();
    await after.upkeep(10 * 60_000);
    expect(after.running.has(stray)).toBe(true);
    const told = after.file.db.select().from(messages).all();
    expect(told.filter(({ content }) => content.kind === 'notice').length).toBeGreaterThan(0);
    await after.do({ do: 'allow reaper', service: 'hello', by: ops });
    await after.upkeep(60_000);
    expect(after.running.has(stray)).toBe(false);
    expect(after.slot('production').live?.instances.every(({ id }) => after.running.has(id))).toBe(true);
  });

  it('keeps what was there before, and its own chain is whole', async () => {
    const { folder, after, made } = await restoredWorld();
    expect(existsSync(made.replaced ?? '')).toBe(true);
    expect(audit(after.file.db).problems).toEqual([]);
    expect(readdirSync(folder)).not.toContain('restoring');
  });

  it('starts nothing again that has no traffic, until a person says so', async () => {
    const { after } = await restoredWorld();
    after.running.clear();
    after.weights.clear();
    await after.upkeep(120_000);
    expect(after.running.size).toBe(0);
    expect(after.slot('production').repairs).toMatchObject({ stopped: true });
  });
});

describe('bakery restore changes nothing', () => {
  const order = (folder: string, backup: string) => ({
    dataDir: folder,
    backup,
    policies: new Map([['hello', policy()]]),
    by: ops,
    now: Date.now(),
  });

  async function lived(): Promise<{ folder: string; backup: string }> {
    const folder = tempFolder();
    const world = worldIn(folder);
    await world.push('one');
    await world.run(20_000);
    const backup = join(tempFolder(), 'backup.sqlite');
    await backupLedger(folder, backup);
    world.file.close();
    return { folder, backup };
  }

  it('while a bot works on the ledger', async () => {
    const { folder, backup } = await lived();
    const before = readFileSync(join(folder, 'ledger.sqlite'));
    const lock = takeCoordinatorLock(folder);
    await expect(restoreLedger(order(folder, backup))).rejects.toThrow(/Stop it, then restore/);
    lock?.release();
    expect(readFileSync(join(folder, 'ledger.sqlite')).equals(before)).toBe(true);
  });

  it('when the backup was changed, and names what', async () => {
    const { folder, backup } = await lived();
    const copy = tempFolder();
    mkdirSync(copy, { recursive: true });
    copyFileSync(backup, join(copy, 'ledger.sqlite'));
    const file = openLedgerFile(copy);
    file.sqlite.exec(`UPDATE events SET actor = '{}' WHERE seq = 2`);
    file.sqlite.pragma('wal_checkpoint(TRUNCATE)');
    file.close();
    await expect(restoreLedger(order(folder, join(copy, 'ledger.sqlite')))).rejects.toThrow(/Event 2/);
  });

  it('when the backup is no ledger, or is not there', async () => {
    const { folder } = await lived();
    const other = join(tempFolder(), 'other');
    writeFileSync(other, 'no database at all, but long enough to be looked at as one'.repeat(50));
    await expect(restoreLedger(order(folder, other))).rejects.toThrow(/no ledger/);
    await expect(restoreLedger(order(folder, `${other}.gone`))).rejects.toThrow(/There is no backup/);
  });
});
