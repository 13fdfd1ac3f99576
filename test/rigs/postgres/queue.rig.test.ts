import { queueContract } from '../../contract/queue.ts';
import { fromRig, rigServer } from '../../support/rig.ts';

const url = fromRig('BAKERY_TEST_POSTGRES_URL');

queueContract({
  kind: 'postgres',
  url: () => url,
  timings: { lock: 1_500, renew: 500, stalled: 400, grace: 600, drain: 800 },
  shared: true,
  server: rigServer,
});
