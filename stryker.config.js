import { env } from 'node:process';

// `npm run test:mutation` runs Stryker folder by folder; test/mutation/folders.ts names the tests of each.
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // The wording of messages is no promise, and a statement of SQL is one text that can only be emptied as a whole.
  mutator: { excludedMutations: ['StringLiteral'] },
  // Only what tests read. Without tsconfig.json, too: Stryker rewrites it by an API that TypeScript 7 does not have.
  ignorePatterns: ['*', '!src/**', '!test/**', '!migrations/**', '!jobs/**', '!package.json'],
  // The tests of one mutant keep one core busy, and PostgreSQL takes its part of the other.
  concurrency: 1,
  // More than the tests' own limit, which ends what waits for ever without starting a new process.
  timeoutMS: 90_000,
  reporters: ['clear-text', 'progress-append-only', 'json'],
  clearTextReporter: { allowColor: false, logTests: false },
  jsonReporter: { fileName: env.MUTATION_REPORT },
};
