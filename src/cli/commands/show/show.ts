import { exitCodes } from '../../../errors/exit-codes.ts';
import type { Command } from '../../command/command.ts';
import { exitLines } from '../../command/exit-meanings.ts';
import { placeFlags } from '../../command/flags.ts';
import { jobArgument } from '../../command/job-argument.ts';

export const show: Command = {
  name: 'show',
  summary: 'Show one run and the users who were not exported',
  arguments: [
    {
      name: 'run',
      describe: 'The number of the run, as chat-export runs lists them; or last, the newest.',
      isRequired: true,
    },
    jobArgument(', for its destination'),
  ],
  flags: placeFlags,
  examples: [
    ['show last nightly.yaml', 'Show the newest run of a job.'],
    ['show 7 --to csv:export --json', 'Print a run and every user who was not exported as JSON.'],
  ],
  exits: exitLines(
    'done',
    [exitCodes.usage, 'the command or the job is wrong, or there is no such run'],
    exitCodes.destination,
    exitCodes.SIGINT,
    exitCodes.SIGTERM,
  ),
  start: async (given, surroundings) => {
    const { executeShow: show } = await import('./show-command.ts');
    return await show(given, surroundings);
  },
};
