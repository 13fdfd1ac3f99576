import { randomBytes, randomUUID } from 'node:crypto';
import { and, eq, inArray, lt, ne } from 'drizzle-orm';
import { newInstallation } from '../pipeline/domain/installation.ts';
import type { TaskKind } from '../pipeline/domain/task.ts';
import type { Ledger, Named } from '../pipeline/ledger.ts';
import { attemptId } from '../pipeline/task-queue.ts';
import { append } from './append.ts';
import type { LedgerFile } from './database.ts';
import type { Db } from './db.ts';
import { GroupCommit } from './group-commit.ts';
import { type Installation, loadFacts } from './load.ts';
import { loadGroup } from './load-group.ts';
import { openTasks } from './open-tasks.ts';
import { rowMemory } from './row-memory.ts';
import { deliveries, inventories, meta, services, slots, standbys, tasks } from './schema.ts';
import { statements } from './statements.ts';
import { readTexts } from './texts.ts';
import { walOf } from './wal.ts';

/** Marks a transaction that wrote nothing: rolled back without being an error. */
class Undone extends Error {
  readonly result: 'conflict' | 'stale';
  constructor(result: 'conflict' | 'stale') {
    super(result);
    this.result = result;
  }
}

/**
 * The ledger on SQLite. Transactions are synchronous inside; the port is asynchronous. `newOwner` gives a new installation
 * its id, which no later one changes.
 */
export function sqliteLedger({ db, sqlite }: LedgerFile, newOwner: () => string = randomUUID): Ledger {
  const wal = walOf(db);
  const group = new GroupCommit(sqlite, wal, rowMemory(db));
  const installation = installationOf(db, newOwner);
  const on = statements(db);
  const open = openTasks(db);
  const load = sqlite.transaction((service: string, named: Named) =>
    loadFacts(db, service, named, installation),
  );
  const loadOfGroup = sqlite.transaction((name: string) => loadGroup(db, name));
  /** Attempts that are in the queue and not yet marked so. */
  const enqueued = new Set<string>();
  return {
    owner: installation.owner,
    load: async (service, named) => load(service, named),
    commit: async (batch) => {
      try {
        return await group.run(() => {
          const result = append(db, batch);
          if (result !== 'committed') throw new Undone(result);
          return result;
        });
      } catch (error) {
        if (error instanceof Undone) return error.result;
        throw error;
      }
    },
    commitTogether: async (batches) => {
      try {
        return await group.run(() => {
          for (const batch of batches) {
            const result = append(db, batch);
            if (result === 'committed') continue;
            // What the ones before it have written is undone with it.
            rowMemory(db).forget();
            throw new Undone(result);
          }
          return 'committed';
        });
      } catch (error) {
        if (error instanceof Undone) return error.result;
        throw error;
      }
    },
    loadGroup: async (name) => loadOfGroup(name),
    openGroups: async () => on.openGroups.all().map(({ row }) => row),
    taskOfJob: async (job) => open.rows.ofJob(job),
    toEnqueue: async (limit) => {
      await wal.settled();
      return open.rows.toEnqueue
        .filter((row) => !enqueued.has(attemptId(row)))
        .sort((one, other) => one.notBefore - other.notBefore)
        .slice(0, limit);
    },
    enqueued: async (attempts) => {
      for (const attempt of attempts) enqueued.add(attemptId(attempt));
      group.later(() => {
        for (const attempt of attempts) {
          open.enqueued(attempt);
          enqueued.delete(attemptId(attempt));
        }
      });
    },
    again: (task, attempt, next) => group.run(() => open.again(task, attempt, next)),
    inQueue: async () => {
      await group.written();
      return open.rows.all.filter((row) => row.enqueued);
    },
    missing: (task, since) => group.run(() => open.missing(task, since)),
    enqueueAgain: (task) => group.run(() => open.enqueueAgain(task)),
    toStop: async () => {
      await wal.settled();
      return open.rows.stopping.map((row) => ({
        ...row,
        enqueued: row.enqueued || enqueued.has(attemptId(row)),
      }));
    },
    overdueTasks: async (now) => open.rows.all.filter((row) => !row.stopping && row.deadline < now),
    progress: async (job, note) => {
      group.later(() => open.note(job, note));
    },
    waitsOver: async (now) =>
      on.waitsOver.all({ now }).map(({ until, ...rest }) => ({ ...rest, until: until ?? 0 })),
    installation: async () => on.installation.get()?.row ?? newInstallation,
    locksDue: async (now) => on.locksDue.all({ now }),
    words: async (refs) => readTexts(db, [...refs]),
    quietSlots: async () =>
      db
        .select()
        .from(slots)
        .all()
        .flatMap(({ row }) =>
          row.live === undefined || row.lease !== undefined
            ? []
            : [{ kind: 'slot' as const, service: row.service, environment: row.environment }],
        ),
    restoring: async () =>
      db
        .select()
        .from(services)
        .all()
        .flatMap(({ row }) => (row.restoring === undefined ? [] : [row.service])),
    slots: async () =>
      db
        .select()
        .from(slots)
        .all()
        .map(({ row }) => row),
    isWanted: async (key) => on.wantedOf.get({ subjectKey: key }) !== undefined,
    standbys: async () =>
      db
        .select()
        .from(standbys)
        .all()
        .map(({ row }) => row),
    inventories: async () => db.select().from(inventories).all(),
    services: async () =>
      db
        .select({ service: services.service })
        .from(services)
        .all()
        .map(({ service }) => service),
    firstTime: async (source, id, at) =>
      db.insert(deliveries).values({ source, id, at }).onConflictDoNothing().run().changes === 1,
    prune: async (before) => {
      db.delete(tasks)
        .where(and(ne(tasks.state, 'wanted'), lt(tasks.endedAt, before), inArray(tasks.kind, upkeepKinds)))
        .run();
      // Asked for every few seconds, and what they told is kept by itself.
      db.delete(tasks)
        .where(and(ne(tasks.state, 'wanted'), eq(tasks.kind, 'inventory')))
        .run();
      db.delete(deliveries).where(lt(deliveries.at, before)).run();
    },
  };
}

/** Tasks of upkeep: nothing refers to them once they are over. */
const upkeepKinds: TaskKind[] = ['survey', 'reap', 'reconcile', 'check', 'rehearse', 'script', 'discard'];

/** The installation's id and salt, made once. */
function installationOf(db: Db, newOwner: () => string): Installation {
  const value = (key: string, make: () => string): string => {
    db.insert(meta).values({ key, value: make() }).onConflictDoNothing().run();
    return db.select().from(meta).where(eq(meta.key, key)).get()?.value ?? '';
  };
  return {
    owner: value('installation', newOwner),
    salt: value('salt', () => randomBytes(32).toString('hex')),
    epoch: Number(value('epoch', () => '0')),
  };
}
