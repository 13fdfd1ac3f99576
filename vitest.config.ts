import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/rigs/**', 'test/journeys/**', 'node_modules/**', 'dist/**'],
    globalSetup: ['test/support/build.ts', 'test/support/temp-root.ts'],
    reporters: ['default', ['json', { outputFile: 'test-results/report.json' }]],
    pool: 'forks',
    // On two cores the default is one; most tests wait for processes of their own.
    maxWorkers: 3,
    // A deadline and no measure: on a machine that does ten other things the longest takes as much.
    testTimeout: 60_000,
    // CI's machine is shared and noisy: one more go, and the report tells that it was needed.
    retry: process.env.CI === undefined ? 0 : 1,
    hookTimeout: 30_000,
  },
});
