import pg from 'pg';
import { engineContract } from '../../contract/engine.ts';
import { fromRig, rigServer } from '../../support/rig.ts';

const url = fromRig('BAKERY_TEST_POSTGRES_URL');

engineContract({
  kind: 'postgres',
  url: () => url,
  server: rigServer,
  empty: async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname = 'bullmq' AND tablename NOT LIKE '%migration%'`,
    );
    await client.query(`TRUNCATE ${rows.map(({ name }) => name).join(', ')}`);
    await client.end();
  },
});
