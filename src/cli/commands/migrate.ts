import type { Command } from '../command.ts';
import { destinationFlags } from '../flags.ts';

export const migrate: Command = {
  usage: 'migrate <action>',
  summary: 'Bring the database schema up to date, say what it lacks, or print that as SQL',
  flags: destinationFlags,
  positionals: (yargs) =>
    yargs.positional('action', { type: 'string', choices: ['up', 'status', 'sql'], demandOption: true }),
  start: async (flags, surroundings) => {
    const { migrate } = await import('../migrate-command.ts');
    return await migrate(flags, surroundings);
  },
};
