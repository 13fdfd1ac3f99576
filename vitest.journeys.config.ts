import { defineConfig } from 'vitest/config';

/** What people do in Slack, from the first word to the last click, over signed HTTP and over Socket Mode. */
export default defineConfig({
  test: {
    include: ['test/journeys/**/*.journey.test.ts'],
    globalSetup: ['test/support/build.ts', 'test/support/temp-root.ts'],
    reporters: ['default', ['json', { outputFile: 'test-results/journeys.json' }]],
    pool: 'forks',
    // Both ways at once: what takes time is Slack's own limit of a post a second in a channel.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
