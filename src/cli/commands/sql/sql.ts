import { exitCodes } from '../../../errors/exit-codes.ts';
import type { Command } from '../../command/command.ts';
import { exitLines } from '../../command/exit-meanings.ts';
import { sqlFlags } from '../../command/flags.ts';
import { jobArgument } from '../../command/job-argument.ts';

export const sql: Command = {
  name: 'sql',
  summary: 'Query a database destination in a read-only transaction',
  arguments: [
    {
      name: 'statement',
      describe: 'One read-only statement in quotation marks; - reads it from standard input.',
      isRequired: true,
    },
    jobArgument(', for its destination'),
  ],
  flags: sqlFlags,
  examples: [
    ['sql "select * from stale_users" nightly.yaml', 'Query the database of a job.'],
    ['sql "select * from stale_users" --to embedded:trial', 'Print at most 1,000 rows as a table.'],
    ['sql "select * from memberships" --to embedded:trial --csv', 'Print all rows as CSV.'],
  ],
  exits: exitLines(
    'done',
    [exitCodes.usage, 'the command or the statement is wrong'],
    exitCodes.destination,
    exitCodes.SIGINT,
    exitCodes.SIGTERM,
  ),
  start: async (given, surroundings) => {
    const { executeSql: querySql } = await import('./sql-command.ts');
    return await querySql(given, surroundings);
  },
};
