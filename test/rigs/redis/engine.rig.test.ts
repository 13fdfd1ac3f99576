import { Redis } from 'ioredis';
import { engineContract } from '../../contract/engine.ts';
import { fromRig, rigServer } from '../../support/rig.ts';

const url = fromRig('BAKERY_TEST_REDIS_URL');

engineContract({
  kind: 'redis',
  url: () => url,
  server: rigServer,
  empty: async () => {
    const redis = new Redis(url);
    await redis.flushdb();
    redis.disconnect();
  },
});
