import type { Command } from '../../command/command.ts';
import { exitCodes } from '../../command/exit-codes.ts';
import { exitsOf } from '../../command/exit-meanings.ts';
import { migrateFlags } from '../../command/flags.ts';
import { jobArgument } from '../../command/job-argument.ts';

export const migrate: Command = {
  name: 'migrate',
  summary: 'Bring the database schema up to date, say what it lacks, or print that as SQL',
  arguments: [
    {
      name: 'action',
      choices: ['up', 'status', 'sql'],
      describe: 'up: apply what lacks. status: list what is applied and what lacks. sql: print what lacks.',
      isRequired: true,
    },
    jobArgument(', for its destination'),
  ],
  flags: migrateFlags,
  examples: [
    ['migrate status --to postgres://reader@db.example.com/analytics', 'What is applied, and what lacks.'],
    ['migrate up nightly.yaml', 'Apply it, as run does.'],
    ['migrate up --to postgres://owner@db.example.com/analytics', 'The same, for a database.'],
    ['migrate sql --to postgres://owner@db.example.com/analytics', 'Print it, for a DBA to read and apply.'],
  ],
  exits: exitsOf(
    'done',
    [exitCodes.usage, 'the command is wrong, or the schema is newer than this program'],
    exitCodes.destination,
    exitCodes.SIGINT,
    exitCodes.SIGTERM,
  ),
  start: async (given, surroundings) => {
    const { migrate } = await import('./migrate-command.ts');
    return await migrate(given, surroundings);
  },
};
