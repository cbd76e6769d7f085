import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** `npm run test:hostile -- --bodies 100000`: the hostile bodies, lists and job files, many more than CI has time for. */
const { values } = parseArgs({ options: { bodies: { type: 'string', default: '100000' } } });
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--reporter=verbose', 'test/fuzz'],
  { stdio: 'inherit', env: { ...process.env, HOSTILE_BODIES: values.bodies } },
);
process.exitCode = status ?? 1;
