import type { Command } from '../../command/command.ts';
import { exitCodes } from '../../command/exit-codes.ts';
import { exitsOf } from '../../command/exit-meanings.ts';
import { runFlags } from '../../command/flags.ts';
import { jobArgument } from '../../command/job-argument.ts';

export const check: Command = {
  name: 'check',
  summary: 'Try all that a run needs, and say what it would cost; writes nothing',
  arguments: [jobArgument()],
  flags: runFlags,
  examples: [
    ['check nightly.yaml', 'What run nightly.yaml needs.'],
    ['check nightly.yaml --json', 'The same, for a program.'],
  ],
  notes: [
    'Makes no call while a run is at work in the destination; a run into another one cannot be seen.',
    'The exit code is that of a run for the first cross.',
  ],
  exits: exitsOf(
    'no cross',
    [exitCodes.usage, 'the command, the job or the list is wrong, or nobody of the sample is in the app'],
    [exitCodes.someUsersFailed, 'users of the sample cannot be exported'],
    exitCodes.api,
    exitCodes.destination,
    exitCodes.locked,
    exitCodes.SIGINT,
    exitCodes.SIGTERM,
  ),
  start: async (given, surroundings) => {
    const { check } = await import('./check-command.ts');
    return await check(given, surroundings);
  },
};
