import type { Command } from '../../command/command.ts';
import { runExits } from '../../command/exit-meanings.ts';
import { runFlags } from '../../command/flags.ts';
import { jobArgument } from '../../command/job-argument.ts';

export const run: Command = {
  name: 'run',
  summary: 'Export contact groups: read the user list, pull every user, write the rows',
  arguments: [jobArgument()],
  flags: runFlags,
  examples: [
    ['run nightly.yaml', 'Run a job, or resume it.'],
    [
      'run --users users.txt --to csv:export --region singapore --sdk-app-id 1400000000 --limit 100',
      'Export the first 100 users into CSV files, without a job file.',
    ],
    [
      'run nightly.yaml --retry-failed last --code 50004',
      'Retry the users who failed with 50004 in the last run.',
    ],
    ['run nightly.yaml --fresh --rate 50', 'Start over, with a quarter of the quota.'],
  ],
  notes: [
    'Every option is also a variable (--sdk-app-id: CHAT_EXPORT_SDK_APP_ID). Every option except those of a single ' +
      'attempt is also a key of the job file (sdk-app-id). A flag overrides a variable, which overrides the file.',
    'After 4, 5, 6, 7, 130 and 143, run the same command again to resume the run.',
  ],
  exits: runExits,
  start: async (given, surroundings) => {
    const { executeRun } = await import('./run-command.ts');
    return await executeRun(given, surroundings);
  },
};
