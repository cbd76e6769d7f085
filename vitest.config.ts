import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // What is polled for comes as soon as the machine gets to it, which may be busy with other work.
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    // One more than CI has cores: many tests wait, for clocks, locks and outages.
    maxWorkers: 3,
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: process.env.TEST_REPORT ?? 'test-report.json' },
  },
});
