import { EventEmitter } from 'node:events';
import type { PGlite } from '@electric-sql/pglite';
import type { PgPool, PgPoolClient, PgQueryResult } from 'bullmq';

const transaction = /^\s*(begin|start\s+transaction|commit|rollback|savepoint)\b/i;
const listen = /^\s*listen\s+"?(\w+)"?/i;

/**
 * PGlite in the shape of a `pg.Pool`. There is one session behind it, so a transaction of one client would take in
 * the statements of all others: BEGIN is refused here, and migrations run before any client exists. `LISTEN`
 * is issued once per channel and its notifications go to every client that asked for it.
 */
export function pgliteAsPool(db: PGlite): PgPool {
  const heard = new Map<string, Promise<unknown>>();
  const clients = new Set<EventEmitter>();

  const hear = (channel: string): Promise<unknown> => {
    const asked = heard.get(channel) ?? db.listen(channel, (payload) => tellAll(clients, channel, payload));
    heard.set(channel, asked);
    return asked;
  };

  const query = async <R>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<R>> => {
    const statement = text.replace(/^(\s*--.*\n)+/, '');
    if (transaction.test(statement))
      throw new Error(
        'The embedded queue has one session: a transaction over several statements is refused.',
      );
    const channel = listen.exec(statement)?.[1];
    if (channel) {
      await hear(channel);
      return { rows: [], rowCount: 0 };
    }
    const { rows, affectedRows } = await db.query<R>(text, params ? [...params] : []);
    return { rows, rowCount: affectedRows || rows.length };
  };

  const connect = async (): Promise<PgPoolClient> => {
    const client = new EventEmitter();
    client.setMaxListeners(0);
    clients.add(client);
    const release = () => void clients.delete(client);
    return Object.assign(client, { query, release }) as unknown as PgPoolClient; // EventEmitter's `on` is wider
  };

  const pool = {
    query,
    connect,
    end: async () => {},
    on: () => pool,
    removeAllListeners: () => pool,
    /** No socket that could die in silence: BullMQ may block as long as it likes. */
    options: { keepAlive: true },
  } as unknown as PgPool; // see connect
  return pool;
}

const tellAll = (clients: Set<EventEmitter>, channel: string, payload: string): void => {
  for (const client of clients) client.emit('notification', { channel, payload });
};
