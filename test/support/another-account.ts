import { spawnSync } from 'node:child_process';

/** `daemon`, an account with a name on every system. */
export const someone = { uid: 1, gid: 1 };

/**
 * Whether programs can be run as `someone`: only root can do that, and only where that account reaches this Node.js and
 * this clone, which it does not below a home directory that is closed to others.
 */
export const canRunAsSomeone =
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, ['--eval', `fs.accessSync(${JSON.stringify(import.meta.filename)})`], someone)
    .status === 0;
