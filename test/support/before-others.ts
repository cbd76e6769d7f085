import { spawnSync } from 'node:child_process';

const REAL_TIME = ['chrt', '--rr', '1'];

/**
 * A command that a program is run by, where milliseconds are judged: the program runs before all other work of the machine. Where
 * this account may not ask for that, as only root may on Linux, it is empty, and the program runs as any other does.
 */
export const BEFORE_OTHERS: readonly string[] =
  spawnSync('chrt', [...REAL_TIME.slice(1), 'true']).status === 0 ? REAL_TIME : [];
