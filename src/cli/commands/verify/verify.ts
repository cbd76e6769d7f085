import type { Command } from '../../command/command.ts';
import { exitCodes } from '../../command/exit-codes.ts';
import { exitsOf } from '../../command/exit-meanings.ts';
import { placeFlags } from '../../command/flags.ts';

export const verify: Command = {
  name: 'verify',
  summary: 'Hold what a run recorded against what its destination holds; writes nothing',
  arguments: [{ name: 'job', describe: 'A job file (YAML), or a directory of exported files.' }],
  flags: () => ({
    run: {
      group: 'Runs',
      placeholder: 'RUN',
      describe: 'The number of the run; else the last finished one.',
    },
    ...placeFlags(),
  }),
  examples: [
    ['verify nightly.yaml', 'The last finished run of a job.'],
    ['verify export', 'A directory of files.'],
    ['verify --to postgres://reader@db.example.com/chat --json', 'A database, for a program.'],
  ],
  exits: exitsOf(
    'all that can be known agrees',
    [exitCodes.usage, 'the command is wrong, or there is no record to judge by'],
    [exitCodes.someUsersFailed, 'something differs; the lines say what'],
    exitCodes.destination,
    [exitCodes.locked, 'a run is at work there; nothing was judged'],
    exitCodes.SIGINT,
    exitCodes.SIGTERM,
  ),
  start: async (given, surroundings) => {
    const { verify } = await import('./verify-command.ts');
    return await verify(given, surroundings);
  },
};
