import { defineConfig } from 'vitest/config';
import { folders } from './folders.ts';

const folder = folders[process.env.MUTATED_FOLDER ?? ''];
if (folder === undefined) throw new Error('npm run test:mutation sets MUTATED_FOLDER');

export default defineConfig({
  test: {
    include: folder.tests.map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.test.ts`)),
    globalSetup: folder.postgres ? ['test/mutation/global-setup.ts'] : [],
    setupFiles: ['test/mutation/setup.ts'],
    // A mutant that makes a test wait for ever is found out soon. The suite itself waits for as long as it takes.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    // One worker for all files of a run: most of what a mutant costs is the loading of modules.
    isolate: false,
    reporters: [],
  },
});
