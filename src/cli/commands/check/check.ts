import { exitCodes } from '../../../errors/exit-codes.ts';
import type { Command } from '../../command/command.ts';
import { exitLines } from '../../command/exit-meanings.ts';
import { runFlags } from '../../command/flags.ts';
import { jobArgument } from '../../command/job-argument.ts';

export const check: Command = {
  name: 'check',
  summary: 'Validate a job and estimate its cost; read-only',
  arguments: [jobArgument()],
  flags: runFlags,
  examples: [
    ['check nightly.yaml', 'Check what nightly.yaml needs.'],
    ['check nightly.yaml --json', 'Print the result as JSON.'],
  ],
  notes: [
    'Makes no API call while a run is at work in the destination. Runs into other destinations are not detected.',
    'The exit code is that of a run for the first failed check.',
  ],
  exits: exitLines(
    'all checks passed',
    [exitCodes.usage, 'the command, the job or the list is wrong, or no user of the sample is in the app'],
    [exitCodes.someUsersFailed, 'users of the sample cannot be exported'],
    exitCodes.api,
    exitCodes.destination,
    exitCodes.locked,
    exitCodes.SIGINT,
    exitCodes.SIGTERM,
  ),
  start: async (given, surroundings) => {
    const { executeCheck: check } = await import('./check-command.ts');
    return await check(given, surroundings);
  },
};
