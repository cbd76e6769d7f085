import type { Command } from '../command.ts';
import { sqlFlags } from '../flags.ts';

export const sql: Command = {
  usage: 'sql <statement>',
  summary: 'Query a database destination',
  flags: sqlFlags,
  positionals: (yargs) =>
    yargs
      .positional('statement', {
        type: 'string',
        describe: 'One statement that reads, between quotation marks; - reads it from standard input',
      })
      // Without this, - would be an empty text.
      .nargs('statement', 1),
  examples: [
    ['$0 sql "select * from stale_users" --to embedded:trial', 'At most 1,000 rows, for people'],
    ['$0 sql "select * from memberships" --to embedded:trial --csv', 'All rows, for programs'],
  ],
  start: async (flags, surroundings) => {
    const { querySql } = await import('../sql-command.ts');
    return await querySql(flags, surroundings);
  },
};
