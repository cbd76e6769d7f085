import { exitCodes } from '../../../errors/exit-codes.ts';
import type { Command } from '../../command/command.ts';
import { exitLines } from '../../command/exit-meanings.ts';
import { placeFlags } from '../../command/flags.ts';
import { jobArgument } from '../../command/job-argument.ts';

export const diff: Command = {
  name: 'diff',
  summary: 'Show what a run changed: who joined, left, was renamed or marked',
  arguments: [
    { name: 'run', describe: 'The number of the run, as chat-export runs lists them.', isRequired: true },
    { name: 'since', describe: 'The number of an earlier run to compare with. Default: the previous run.' },
    jobArgument(', for its destination'),
  ],
  flags: placeFlags,
  examples: [
    ['diff 7 nightly.yaml', 'Show what run 7 changed, in total and by user.'],
    ['diff 7 1 --to postgres://db.example.com/analytics --json', 'Print what runs 2 to 7 changed as JSON.'],
  ],
  notes: ['The destination must be a database whose runs keep history (--history).'],
  exits: exitLines(
    'done',
    [exitCodes.usage, 'the command or the job is wrong, there is no such run, or no history of it'],
    exitCodes.destination,
    exitCodes.SIGINT,
    exitCodes.SIGTERM,
  ),
  start: async (given, surroundings) => {
    const { executeDiff: diff } = await import('./diff-command.ts');
    return await diff(given, surroundings);
  },
};
