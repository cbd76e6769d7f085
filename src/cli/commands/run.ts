import type { Command } from '../command.ts';
import { runFlags } from '../flags.ts';

export const run: Command = {
  usage: 'run [job]',
  summary: 'Export: read the user list, pull every user, write the rows',
  flags: runFlags,
  positionals: (yargs) => yargs.positional('job', { type: 'string', describe: 'A job file (YAML)' }),
  examples: [
    ['$0 run nightly.yaml', 'Run a job, or go on with it'],
    ['$0 run nightly.yaml --only-failed last --code 50004', 'Pull failed users again'],
    ['$0 run --users users.txt --to csv:export --region singapore --sdk-app-id 1400000000', ''],
  ],
  epilogue:
    'Every option is also a variable (--sdk-app-id: CHAT_EXPORT_SDK_APP_ID) and a key of the job file.\n' +
    [
      'Exit:',
      '  0  everything exported',
      '  1  a fault of the program',
      '  2  the command, the job or the user list is wrong',
      '  3  finished, but some users failed',
      '  4  the API cannot be reached, or refuses',
      '  5  the destination cannot be reached, or refuses',
      '  6  stopped by a guard',
      '  7  stopped on time, by --max-duration',
      '  8  another run is at work',
      '  130, 143  interrupted',
      'After 4, 5, 6, 7, 130 and 143 the same command goes on.',
    ].join('\n'),
  start: async (flags, surroundings) => {
    const { runExport } = await import('../run-command.ts');
    return await runExport(flags, surroundings);
  },
};
