import type { Command } from '../../command/command.ts';
import { runExits } from '../../command/exit-meanings.ts';
import { runFlags } from '../../command/flags.ts';
import { jobArgument } from '../../command/job-argument.ts';

export const run: Command = {
  name: 'run',
  summary: 'Export: read the user list, pull every user, write the rows',
  arguments: [jobArgument()],
  flags: runFlags,
  examples: [
    ['run nightly.yaml', 'Run a job, or resume it.'],
    [
      'run --users users.txt --to csv:export --region singapore --sdk-app-id 1400000000 --limit 100',
      'Without a job file: the first 100 users into CSV files.',
    ],
    [
      'run nightly.yaml --retry-failed last --code 50004',
      'Pull the users again who failed with 50004 in the last run.',
    ],
    ['run nightly.yaml --fresh --rate 50', 'Begin anew, with a quarter of the quota.'],
  ],
  notes: [
    'Every option is also a variable (--sdk-app-id: CHAT_EXPORT_SDK_APP_ID) and, but for those that each attempt ' +
      'decides anew, a key of the job file (sdk-app-id). A flag beats a variable beats the file.',
    'After 4, 5, 6, 7, 130 and 143 the same command resumes the run.',
  ],
  exits: runExits,
  start: async (given, surroundings) => {
    const { runExport } = await import('./run-command.ts');
    return await runExport(given, surroundings);
  },
};
