import { defineConfig } from 'vitest/config';

/** The tests that need more than Node.js. Run by test/rigs/run.mjs, which starts what they need. */
export default defineConfig({
  test: {
    include: ['test/rigs/**/*.rig.test.ts'],
    // CI's machine is shared and noisy: one more go, and the output tells that it was needed.
    retry: process.env.CI === undefined ? 0 : 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
