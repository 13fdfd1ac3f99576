import { rig as postgres } from '../postgres/rig.mjs';
import { rig as redis } from '../redis/rig.mjs';

/** All three queue backends at once: a schedule waits more than it works. */
export const rig = {
  name: 'selftest',
  async start() {
    const { env } = await redis.start();
    return { env: { ...env, ...(await postgres.start()).env } };
  },
  async stop() {
    await redis.stop();
    await postgres.stop();
  },
};
