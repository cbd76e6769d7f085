import { exitCodes } from '../../../errors/exit-codes.ts';
import type { Command } from '../../command/command.ts';
import { exitLines } from '../../command/exit-meanings.ts';
import { migrateFlags } from '../../command/flags.ts';
import { jobArgument } from '../../command/job-argument.ts';

export const migrate: Command = {
  name: 'migrate',
  summary: 'Migrate the database schema, show its migrations, or print them as SQL',
  arguments: [
    {
      name: 'action',
      choices: ['up', 'status', 'sql'],
      describe:
        'up: apply pending migrations. status: list applied and pending migrations. sql: print pending migrations.',
      isRequired: true,
    },
    jobArgument(', for its destination'),
  ],
  flags: migrateFlags,
  examples: [
    [
      'migrate status --to postgres://reader@db.example.com/analytics',
      'Show applied and pending migrations.',
    ],
    ['migrate up nightly.yaml', 'Apply pending migrations, as run does.'],
    ['migrate up --to postgres://owner@db.example.com/analytics', 'Apply them without a job file.'],
    [
      'migrate up --to postgres://owner@db.example.com/analytics --share',
      'Also create or migrate the tables of pg-boss, for runs with --share.',
    ],
    [
      'migrate sql --to postgres://owner@db.example.com/analytics',
      'Print them, for a DBA to review and apply.',
    ],
  ],
  exits: exitLines(
    'done',
    [exitCodes.usage, 'the command is wrong, or the schema is newer than this program'],
    exitCodes.destination,
    exitCodes.SIGINT,
    exitCodes.SIGTERM,
  ),
  start: async (given, surroundings) => {
    const { executeMigrate: migrate } = await import('./migrate-command.ts');
    return await migrate(given, surroundings);
  },
};
