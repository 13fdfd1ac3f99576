import { and, eq, sql } from 'drizzle-orm';
import { askedToday } from '../pipeline/domain/asked-today.ts';
import type { ServicePolicy } from '../pipeline/domain/policy.ts';
import type { At } from '../pipeline/domain/time.ts';
import type { Outbox } from '../pipeline/outbox.ts';
import type { Changes, NoteView } from '../pipeline/views.ts';
import type { ChangesBetween } from './changes.ts';
import type { Db } from './db.ts';
import { messageOf, toMessage } from './message-rows.ts';
import { readStatements } from './read-statements.ts';
import { tableRows } from './rows.ts';
import { messages } from './schema.ts';
import { readTexts } from './texts.ts';
import { readEvent } from './upcast.ts';
import { walOf } from './wal.ts';
import { withOwner } from './with-owner.ts';

/** The outbox in the ledger: what Slack is to show, and what it shows. */
export function sqliteOutbox(
  db: Db,
  policies: (service: string) => ServicePolicy | undefined,
  now: () => At,
  changes?: ChangesBetween,
): Outbox {
  const wal = walOf(db);
  const set = async (key: string, values: Partial<typeof messages.$inferInsert>): Promise<void> => {
    const write = db.update(messages).set(values).where(eq(messages.key, key));
    wal.unsynced(() => write.run());
    await wal.sync();
  };
  return {
    due: async (limit, team) => {
      await wal.settled();
      const { dueMessages, dueMessagesOf } = readStatements(db);
      const rows =
        team === undefined
          ? dueMessages.all({ now: now(), limit })
          : dueMessagesOf.all({ now: now(), limit, team });
      return rows.map(toMessage);
    },
    find: async (key) => {
      const row = messageOf(db, key);
      return row === undefined ? undefined : toMessage(row);
    },
    at: async (channel, ts, team) => {
      const there = team === undefined ? undefined : sql`${messages.team} IS ${team}`;
      const here = and(eq(messages.postedTs, ts), eq(messages.postedChannel, channel), there);
      const row = db.select().from(messages).where(here).get();
      return row === undefined ? undefined : toMessage(row);
    },
    told: async (seq) => {
      const found = readEvent(db, seq);
      return found === undefined ? undefined : { event: found.event, texts: readTexts(db, [found.event]) };
    },
    note: async (seq) => {
      const view = noteOf(db, policies, seq);
      const since = view === undefined ? undefined : await sinceLive(db, view, changes);
      return view === undefined || since === undefined ? view : { ...view, changes: since };
    },
    shown: async (key, { channel, ts, hash, revision }) => {
      const row = messageOf(db, key);
      if (row === undefined) return;
      const posted = { postedChannel: channel, postedTs: ts, shown: hash, shownRevision: revision, tries: 0 };
      await set(key, { ...posted, due: row.revision > revision, notBefore: now() });
    },
    uploading: async (key, file) => {
      const content = messageOf(db, key)?.content;
      if (content?.kind === 'picture') await set(key, { content: { ...content, file } });
    },
    postponed: async (key, wait) => {
      await set(key, { tries: (messageOf(db, key)?.tries ?? 0) + 1, notBefore: now() + wait, due: true });
    },
    lost: async (key) => {
      await set(key, {
        postedChannel: null,
        postedTs: null,
        shown: null,
        shownRevision: 0,
        due: true,
        notBefore: now(),
      });
    },
    givenUp: async (key, why) => {
      await set(key, { givenUp: why, due: false });
    },
  };
}

/** For the note on a new release: what it changes against what is live on the highest rung that has anything. */
async function sinceLive(
  db: Db,
  { event, policy, release }: NoteView,
  changes: ChangesBetween | undefined,
): Promise<Changes | undefined> {
  if (event.type !== 'ReleaseRequested' || release === undefined) return undefined;
  const rows = tableRows(db);
  const live = policy.environments
    .toReversed()
    .map(({ name }) => rows.slot(event.service, name)?.live?.version)
    .find((version) => version !== undefined);
  const before = live === undefined ? undefined : rows.release(event.service, live);
  return before === undefined ? undefined : changes?.(policy, before, release);
}

function noteOf(
  db: Db,
  policies: (service: string) => ServicePolicy | undefined,
  seq: number,
): NoteView | undefined {
  const found = readEvent(db, seq);
  if (found === undefined) return undefined;
  const { event, at } = found;
  const rows = tableRows(db);
  const policy = withOwner(policies(event.service), rows);
  if (policy === undefined) return undefined;
  const release = 'version' in event ? rows.release(event.service, event.version) : undefined;
  const deployment = 'deployment' in event ? rows.deployment(event.deployment) : undefined;
  return {
    event,
    at,
    policy,
    ...(release === undefined ? {} : { release }),
    ...(deployment === undefined ? {} : { deployment: askedToday(deployment, policy) }),
    texts: readTexts(db, [event, release, deployment]),
  };
}
