import { rmSync } from 'node:fs';
import { rig as redis } from '../redis/rig.mjs';
import { buildEarlier } from './earlier.mjs';

/** A queue, and an earlier version of the processes, built from the project's own history. */
let earlier;

export const rig = {
  name: 'versions',
  async start() {
    earlier = await buildEarlier();
    console.log(`The earlier version is ${earlier.words}.`);
    const { env } = await redis.start();
    return { env: { ...env, BAKERY_TEST_EARLIER: earlier.entry } };
  },
  async stop() {
    await redis.stop();
    if (earlier?.folder) rmSync(earlier.folder, { recursive: true, force: true });
  },
};
