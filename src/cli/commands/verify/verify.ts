import { exitCodes } from '../../../errors/exit-codes.ts';
import type { Command } from '../../command/command.ts';
import { exitLines } from '../../command/exit-meanings.ts';
import { placeFlags } from '../../command/flags.ts';

export const verify: Command = {
  name: 'verify',
  summary: "Compare a run's record with its destination; read-only",
  arguments: [{ name: 'job', describe: 'A job file (YAML), or a directory of exported files.' }],
  flags: () => ({
    run: {
      group: 'Runs',
      placeholder: 'RUN',
      describe: 'Verify the run with this number. Default: the last finished run.',
    },
    ...placeFlags(),
  }),
  examples: [
    ['verify nightly.yaml', 'Verify the last finished run of a job.'],
    ['verify export', 'Verify a directory of files.'],
    ['verify --to postgres://reader@db.example.com/chat --json', 'Verify a database, and print JSON.'],
  ],
  exits: exitLines(
    'all checks passed, except those that could not be verified',
    [exitCodes.usage, 'the command is wrong, or there is no run to verify'],
    [exitCodes.someUsersFailed, 'some checks failed'],
    exitCodes.destination,
    [exitCodes.locked, 'a run is at work there; nothing was verified'],
    exitCodes.SIGINT,
    exitCodes.SIGTERM,
  ),
  start: async (given, surroundings) => {
    const { executeVerify: verify } = await import('./verify-command.ts');
    return await verify(given, surroundings);
  },
};
