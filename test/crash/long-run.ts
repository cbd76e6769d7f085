import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/**
 * `npm run test:crash -- --kills 500 [--seed 7] [--only csv]`: the crash tests with many more kills than CI has time for.
 * `npm run test:crash -- --share --kills 100 [--seed 7]`: so many faults of the workers of shared runs.
 * `npm run test:crash -- --share --takeovers 20`: how long the chunks of a dead and of a frozen worker take to be claimed again.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '500' },
    seed: { type: 'string' },
    only: { type: 'string' },
    share: { type: 'boolean', default: false },
    takeovers: { type: 'string' },
  },
});
const shared = values.takeovers === undefined ? 'shared-chaos' : 'shared-takeover';
const { status } = spawnSync(
  process.execPath,
  [
    ...['node_modules/vitest/vitest.mjs', 'run', '--reporter=verbose'],
    values.share ? `test/crash/${shared}.test.ts` : 'test/crash',
    ...(values.only === undefined ? [] : ['-t', `into ${values.only}`]),
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      ...(values.share ? { CRASH_SHARED: values.kills } : { CRASH_KILLS: values.kills }),
      ...(values.takeovers === undefined ? {} : { CRASH_TAKEOVERS: values.takeovers }),
      ...(values.seed === undefined ? {} : { CRASH_SEED: values.seed }),
    },
  },
);
process.exitCode = status ?? 1;
