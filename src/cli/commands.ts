import type { Command } from './command/command.ts';
import { check } from './commands/check/check.ts';
import { diff } from './commands/diff/diff.ts';
import { erase } from './commands/erase/erase.ts';
import { init } from './commands/init/init.ts';
import { migrate } from './commands/migrate/migrate.ts';
import { report } from './commands/report/report.ts';
import { run } from './commands/run/run.ts';
import { runs } from './commands/runs/runs.ts';
import { show } from './commands/show/show.ts';
import { simulate } from './commands/simulate/simulate.ts';
import { sql } from './commands/sql/sql.ts';
import { userSig } from './commands/usersig/usersig.ts';
import { verify } from './commands/verify/verify.ts';

/** In the order in which `--help` lists them. */
export const commands: readonly Command[] = [
  init,
  run,
  check,
  runs,
  show,
  report,
  diff,
  verify,
  erase,
  userSig,
  migrate,
  sql,
  simulate,
];
