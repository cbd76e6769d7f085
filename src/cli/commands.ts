import type { Command } from './command.ts';
import { check } from './commands/check.ts';
import { diff } from './commands/diff.ts';
import { forget } from './commands/forget.ts';
import { init } from './commands/init.ts';
import { migrate } from './commands/migrate.ts';
import { report } from './commands/report.ts';
import { run } from './commands/run.ts';
import { runs } from './commands/runs.ts';
import { show } from './commands/show.ts';
import { simulate } from './commands/simulate.ts';
import { sql } from './commands/sql.ts';
import { userSig } from './commands/usersig.ts';
import { verify } from './commands/verify.ts';

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
  forget,
  userSig,
  migrate,
  sql,
  simulate,
];
