import type { PgPool, PgPoolClient, PgQueryResult } from 'bullmq';
import type { Pool, PoolClient } from 'pg';
import { messageOf } from './away.ts';

/** Server codes that mean "going away or coming up": the connection exceptions, shutdown, crash, starting up. */
const awayCodes =
  /^(08...|57P0[1-5]|53300|ECONN.*|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
const awayTexts =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|client has encountered a connection error/i;

/** The server is away. Carries the one code that BullMQ takes for "try again later" instead of "failed". */
class ServerAway extends Error {
  override readonly name = 'ServerAway';
  readonly code = 'ECONNREFUSED';
}

/** Whether the error says that the server is away, and nothing about what was asked of it. */
export function isAway(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const code = 'code' in thrown ? String(thrown.code) : '';
  return awayCodes.test(code) || awayTexts.test(thrown.message);
}

const translated = (thrown: unknown): unknown =>
  isAway(thrown) ? new ServerAway(messageOf(thrown) || 'connection refused', { cause: thrown }) : thrown;

/** A pool as BullMQ wants it, and the end of it. */
export interface ResilientPool {
  pool: PgPool;
  /** Ends the pool, and with it the clients that BullMQ took while it was closing and never gave back. */
  end(): Promise<void>;
}

/**
 * A pool for BullMQ in the way it wants one. pg reports a server that went away in a dozen ways, and BullMQ gives a
 * finished attempt up on all of them but one; here they are that one, so that it tries again.
 */
export function resilientPool(pool: Pool): ResilientPool {
  const out = new Set<PoolClient>();

  const query = async <R>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<R>> => {
    try {
      const { rows, rowCount } = await pool.query(text, params ? [...params] : undefined);
      return { rows: rows as R[], rowCount };
    } catch (thrown) {
      throw translated(thrown);
    }
  };

  const connect = async (): Promise<PgPoolClient> => {
    try {
      const client = await pool.connect();
      giveBackOnce(client, out);
      return client as PgPoolClient;
    } catch (thrown) {
      throw translated(thrown);
    }
  };

  const adapter = {
    query,
    connect,
    end: async () => {},
    // The one who made the pool listens to it; BullMQ would add a listener per connection and never take it away.
    on: () => adapter,
    removeAllListeners: () => adapter,
    /** BullMQ reads here whether a dead LISTEN connection is noticed. */
    options: { keepAlive: true },
  } as unknown as PgPool; // a structural subset of pg's overloads

  return {
    pool: adapter,
    end: async () => {
      const ended = pool.end();
      for (const client of out) client.release(true);
      await ended;
    },
  };
}

/** BullMQ takes all listeners off a client that it destroys, pg's own included: an error after that would be nobody's. */
function giveBackOnce(client: PoolClient, out: Set<PoolClient>): void {
  const release = client.release.bind(client);
  out.add(client);
  client.release = (destroy) => {
    if (!out.delete(client)) return;
    if (destroy) client.on('error', () => {});
    release(destroy);
  };
}
