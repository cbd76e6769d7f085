import type { Command } from '../command.ts';
import { placeFlags } from '../flags.ts';

export const show: Command = {
  usage: 'show <run> [job]',
  summary: 'Show one run whole, with the users who were not exported',
  flags: placeFlags,
  positionals: (yargs) =>
    yargs
      .positional('run', { type: 'string', describe: 'The number of the run', demandOption: true })
      .positional('job', { type: 'string', describe: 'A job file (YAML), for its destination' }),
  examples: [
    ['$0 show 7 nightly.yaml', ''],
    ['$0 show 7 --to csv:export --json', 'With every user who was not exported'],
  ],
  start: async (flags, surroundings) => {
    const { show } = await import('../show-command.ts');
    return await show(flags, surroundings);
  },
};
