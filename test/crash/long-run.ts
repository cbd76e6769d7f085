import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** `npm run test:crash -- --kills 500 [--seed 7] [--only csv]`: the crash tests with many more kills than CI has time for. */
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '500' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const { status } = spawnSync(
  process.execPath,
  [
    ...['node_modules/vitest/vitest.mjs', 'run', '--reporter=verbose', 'test/crash'],
    ...(values.only === undefined ? [] : ['-t', `into ${values.only}`]),
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      CRASH_KILLS: values.kills,
      ...(values.seed === undefined ? {} : { CRASH_SEED: values.seed }),
    },
  },
);
process.exitCode = status ?? 1;
