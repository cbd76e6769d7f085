// Runs a script that cannot write files beyond 64 blocks.
import { spawnSync } from 'node:child_process';

const { status } = spawnSync(
  'sh',
  ['-c', 'ulimit -f 64; exec "$0" "$@"', process.execPath, ...process.argv.slice(2)],
  {
    stdio: 'inherit',
    env: { ...process.env, TSX_DISABLE_CACHE: '1' },
  },
);
process.exitCode = status ?? 1;
