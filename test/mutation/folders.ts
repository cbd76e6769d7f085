/** Code whose tests are judged by mutants, and the tests that judge it. */
export type MutatedFolder = {
  readonly mutate: readonly string[];
  /** Files and folders of tests that import the code: a test that runs `dist` sees no mutant. */
  readonly tests: readonly string[];
  /** Whether the tests need PostgreSQL. */
  readonly postgres?: boolean;
};

// Tests that wait for seconds by design (locks that time out, servers that fail over) are left out: they would run for each
// mutant that they reach.
export const folders: Readonly<Record<string, MutatedFolder>> = {
  resilience: { mutate: ['src/resilience'], tests: ['test/resilience'] },
  rows: { mutate: ['src/rows'], tests: ['test/rows', 'test/chat-api/pull-pages.test.ts'] },
  'config/parse': {
    mutate: ['src/config/parse'],
    tests: [
      'test/config/parse',
      'test/config/model',
      'test/config/settings',
      'test/config/sources',
      'test/config/read-job.test.ts',
    ],
  },
  'run/pull': { mutate: ['src/run/pull'], tests: ['test/run'] },
  files: {
    mutate: [
      'src/destinations/files/file-run.ts',
      'src/destinations/files/plan.ts',
      'src/destinations/files/publish.ts',
      'src/destinations/files/recover.ts',
      'src/destinations/files/storage',
    ],
    tests: ['test/destinations/files', 'test/destinations/contract.test.ts'],
  },
  'postgres/write': {
    mutate: ['src/destinations/postgres/write'],
    postgres: true,
    tests: [
      'test/destinations/postgres/merge.test.ts',
      'test/destinations/postgres/write',
      'test/destinations/contract.test.ts',
    ],
  },
  'postgres/ledger': {
    mutate: ['src/destinations/postgres/ledger'],
    postgres: true,
    tests: ['test/destinations/postgres/ledger', 'test/destinations/contract.test.ts'],
  },
};
