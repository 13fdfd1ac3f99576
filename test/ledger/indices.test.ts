import { describe, expect, it } from 'vitest';
import { openLedgerFile } from '../../src/ledger/database.ts';
import { statements } from '../../src/ledger/statements.ts';

describe('what is looked for all the time', () => {
  const { db } = openLedgerFile(':memory:');
  const on = statements(db);
  const asked = {
    'all that is not over': on.wantedTasks,
    'whether a subject has a task': on.wantedOf,
    'waits that are over': on.waitsOver,
    'locks that are due': on.locksDue,
  };

  it.each(Object.entries(asked))('is found by an index of what is open: %s', (_, statement) => {
    const plan = db.$client
      .prepare(`EXPLAIN QUERY PLAN ${statement.getQuery().sql}`)
      .all(...unbound(statement));
    const tables = plan
      .map((step) => String((step as { detail: string }).detail))
      .filter((step) => !/TEMP B-TREE/.test(step));
    expect(tables).toEqual([expect.stringMatching(/USING (COVERING )?INDEX (tasks|deployments|slots)_/)]);
  });
});

/** SQLite wants a value for each parameter, also to explain. */
const unbound = (statement: { getQuery(): { params: unknown[] } }): null[] =>
  statement.getQuery().params.map(() => null);
