import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // These end what hangs, and judge no speed: other work may leave the tests a tenth of the machine.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // What is polled for comes as soon as the machine gets to it, which may be busy with other work.
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    // Twice as many as CI has cores: many tests wait, for clocks, locks and outages.
    maxWorkers: 4,
    reporters: ['default', './test/support/skip-reporter.ts', ...(process.env.CI ? ['json'] : [])],
    outputFile: { json: process.env.TEST_REPORT ?? 'test-report.json' },
  },
});
