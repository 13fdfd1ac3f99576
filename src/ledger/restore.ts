import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { eq } from 'drizzle-orm';
import { groupsRestored } from '../pipeline/decide/groups/decide.ts';
import { restored } from '../pipeline/decide/restored.ts';
import type { Actor } from '../pipeline/domain/actor.ts';
import { openCalendar } from '../pipeline/domain/calendar.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { At } from '../pipeline/domain/time.ts';
import { placeOf } from '../pipeline/domain/workspace.ts';
import { audit } from './audit.ts';
import { openLedgerFile, takeCoordinatorLock } from './database.ts';
import type { Db } from './db.ts';
import { isWanted, meta, tasks } from './schema.ts';
import { sqliteLedger } from './sqlite-ledger.ts';
import { LedgerUnavailable } from './unavailable.ts';

export interface RestoreOrder {
  dataDir: string;
  backup: string;
  policies: ReadonlyMap<string, ServicePolicy>;
  by: Actor;
  now: At;
}

export interface Restored {
  /** The installation's epoch from now on. */
  epoch: number;
  events: number;
  /** Where the ledger lies that was there before, if there was one. */
  replaced?: string;
  services: string[];
}

/**
 * Puts a backup in the ledger's place, for a bot that is not running. The backup is checked whole first, what was there
 * is kept beside it, and every service waits for a look at the clouds: the ledger is older than what runs.
 * Throws {@link LedgerUnavailable} with what to do; nothing was changed then.
 */
export async function restoreLedger(order: RestoreOrder): Promise<Restored> {
  const { dataDir, backup, now } = order;
  if (!existsSync(backup)) throw new LedgerUnavailable(`There is no backup ${backup}. Nothing was changed.`);
  const lock = takeCoordinatorLock(dataDir);
  if (lock === undefined)
    throw new LedgerUnavailable('A bot works on this ledger. Nothing was changed. Stop it, then restore.');
  try {
    const checked = join(dataDir, 'restoring');
    rmSync(checked, { recursive: true, force: true });
    mkdirSync(checked, { recursive: true, mode: 0o700 });
    try {
      copyFileSync(backup, join(checked, 'ledger.sqlite'));
      const { events } = check(checked, backup);
      const before = epochOf(dataDir);
      const replaced = putAside(dataDir, now);
      renameSync(join(checked, 'ledger.sqlite'), join(dataDir, 'ledger.sqlite'));
      const { epoch, services } = await begin(order, before);
      return { epoch, events, services, ...(replaced === undefined ? {} : { replaced }) };
    } finally {
      rmSync(checked, { recursive: true, force: true });
    }
  } finally {
    lock.release();
  }
}

/** Opens the copy, which brings its tables up to date, and checks its pages, its chain and its rows. */
function check(folder: string, backup: string): { events: number } {
  let file: ReturnType<typeof openLedgerFile>;
  try {
    file = openLedgerFile(folder);
  } catch (error) {
    if (error instanceof LedgerUnavailable) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new LedgerUnavailable(`${backup} is no ledger of Bakery's (${why}). Nothing was changed.`, {
      cause: error,
    });
  }
  try {
    const pages = file.sqlite.pragma('integrity_check', { simple: true });
    const { events, problems } = audit(file.db);
    if (pages !== 'ok' || problems.length > 0) {
      const what = problems[0] ?? String(pages);
      throw new LedgerUnavailable(`${backup} is damaged: ${what} Nothing was changed. Take another backup.`);
    }
    file.sqlite.pragma('wal_checkpoint(TRUNCATE)');
    return { events };
  } finally {
    file.close();
  }
}

/** Of a ledger that may be damaged: what cannot be read counts as 0. */
function epochOf(dataDir: string): number {
  const path = join(dataDir, 'ledger.sqlite');
  if (!existsSync(path)) return 0;
  try {
    const db = new Database(path, { readonly: true });
    try {
      const row = db.prepare(`SELECT value FROM meta WHERE key = 'epoch'`).get();
      return typeof row === 'object' && row !== null && 'value' in row ? Number(row.value) : 0;
    } finally {
      db.close();
    }
  } catch {
    return 0;
  }
}

function putAside(dataDir: string, now: At): string | undefined {
  const path = join(dataDir, 'ledger.sqlite');
  if (!existsSync(path)) return undefined;
  const aside = `${path}.replaced-${new Date(now).toISOString().replaceAll(':', '')}`;
  for (const more of ['', '-wal', '-shm']) {
    if (existsSync(`${path}${more}`)) renameSync(`${path}${more}`, `${aside}${more}`);
  }
  return aside;
}

async function begin(
  { dataDir, policies, by, now }: RestoreOrder,
  before: number,
): Promise<{ epoch: number; services: string[] }> {
  const file = openLedgerFile(dataDir);
  try {
    const epoch = raiseEpoch(file.db, before, now);
    file.db.update(tasks).set({ state: 'cancelled', endedAt: now }).where(isWanted(tasks)).run();
    const ledger = sqliteLedger(file);
    const services = [...new Set([...policies.keys(), ...(await ledger.services())])].sort();
    for (const service of services) {
      const policy = policies.get(service) ?? unconfigured(service);
      const { facts, versions } = await ledger.load(service, {});
      const { events, texts, orders, stop } = restored(
        { ...facts, policy, calendar: openCalendar },
        epoch,
        now,
      );
      const place = placeOf(policy);
      await ledger.commit({ at: now, by, expect: versions, events, texts, orders, stop, ...place });
    }
    const groups = groupsRestored(await ledger.openGroups());
    const nothing = { expect: {}, texts: {}, orders: [], stop: [], channel: '' };
    await ledger.commit({ at: now, by, ...nothing, events: groups });
    return { epoch, services };
  } finally {
    file.close();
  }
}

const firstMinute = Date.UTC(2026, 0, 1);

/**
 * Above every epoch before it: of the backup, of the ledger that is replaced, and of restores that neither of them
 * knows, since it counts minutes as well.
 */
function raiseEpoch(db: Db, before: number, now: At): number {
  const own = Number(db.select().from(meta).where(eq(meta.key, 'epoch')).get()?.value ?? 0);
  const epoch = Math.max(own + 1, before + 1, Math.floor((now - firstMinute) / 60_000));
  const value = String(epoch);
  db.insert(meta)
    .values({ key: 'epoch', value })
    .onConflictDoUpdate({ target: meta.key, set: { value } })
    .run();
  return epoch;
}

/** A service that the configuration does not name any more still must not go on where the backup left it. */
const unconfigured = (service: string): ServicePolicy => ({
  service,
  repository: '',
  folder: '.',
  branch: '',
  channel: '',
  provider: '',
  people: { bake: [], approve: [], rollback: [], retire: [] },
  verify: { digest: '', values: {} },
  environments: [],
});
