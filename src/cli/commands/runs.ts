import type { Command } from '../command.ts';
import { placeFlags } from '../flags.ts';

export const runs: Command = {
  usage: 'runs [job]',
  summary: 'List what has run in a destination, the newest first',
  flags: () => ({
    last: {
      type: 'string',
      requiresArg: true,
      describe: 'How many runs to list',
      defaultDescription: '20',
    },
    ...placeFlags(),
  }),
  positionals: (yargs) =>
    yargs.positional('job', { type: 'string', describe: 'A job file (YAML): lists the runs of this job' }),
  examples: [
    ['$0 runs --to csv:export', ''],
    ['$0 runs nightly.yaml --json', 'The last runs of a job, for a program'],
  ],
  start: async (flags, surroundings) => {
    const { runs } = await import('../runs-command.ts');
    return await runs(flags, surroundings);
  },
};
