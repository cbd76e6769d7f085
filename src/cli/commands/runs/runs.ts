import { exitCodes } from '../../../errors/exit-codes.ts';
import type { Command } from '../../command/command.ts';
import { exitLines } from '../../command/exit-meanings.ts';
import { placeFlags } from '../../command/flags.ts';
import { jobArgument } from '../../command/job-argument.ts';

export const runs: Command = {
  name: 'runs',
  summary: 'List the runs in a destination, newest first',
  arguments: [jobArgument(', to list the runs of this job')],
  flags: () => ({
    last: {
      group: 'Runs',
      placeholder: 'N',
      describe: 'List at most N runs.',
      default: '20',
      unit: 'runs',
    },
    ...placeFlags(),
  }),
  examples: [
    ['runs nightly.yaml', 'List the last runs of a job.'],
    ['runs --to csv:export --last 1 --json', 'Print the last run in a directory of files as JSON.'],
  ],
  exits: exitLines(
    'done',
    [exitCodes.usage, 'the command or the job is wrong'],
    exitCodes.destination,
    exitCodes.SIGINT,
    exitCodes.SIGTERM,
  ),
  start: async (given, surroundings) => {
    const { executeRuns: runs } = await import('./runs-command.ts');
    return await runs(given, surroundings);
  },
};
