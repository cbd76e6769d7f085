import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** `npm run test:memory -- --users 300000 [--only csv]`: memory with many more users than CI has time for, compared with 10,000. */
const { values } = parseArgs({
  options: { users: { type: 'string', default: '300000' }, only: { type: 'string' } },
});
const { status } = spawnSync(
  process.execPath,
  [
    ...['node_modules/vitest/vitest.mjs', 'run', '--reporter=verbose', 'test/memory'],
    ...(values.only === undefined ? [] : ['-t', `into ${values.only}`]),
  ],
  {
    stdio: 'inherit',
    // Twelve refusals keep a user waiting for about a minute.
    env: { ...process.env, MEMORY_USERS: values.users, MEMORY_FEWER_USERS: '10000', MEMORY_REFUSALS: '12' },
  },
);
process.exitCode = status ?? 1;
