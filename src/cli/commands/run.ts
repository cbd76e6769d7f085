import type { Command } from '../command.ts';
import { runFlags } from '../flags.ts';

export const run: Command = {
  usage: 'run [job]',
  summary: 'Export: read the user list, pull every user, write the rows',
  describe: (yargs) =>
    yargs
      .positional('job', { type: 'string', describe: 'A job file (YAML)' })
      .options(runFlags())
      .example('$0 run nightly.yaml', 'Run a job, or go on with it')
      .example('$0 run --users users.txt --to csv:export --region singapore --sdk-app-id 1400000000', '')
      .epilog(
        'Every option is also a variable (--sdk-app-id: CHAT_EXPORT_SDK_APP_ID) and a key of the job file.\n' +
          'Exit: 0 all exported, 1 a fault of the program, 2 wrong command, job or list, 3 some users failed, 4 API, 5 destination,\n' +
          '6 stopped by a guard, 7 stopped on time, 8 another run at work, 130 and 143 interrupted.\n' +
          'After 4, 5, 6, 7, 130 and 143 the same command goes on.',
      ),
  start: async (flags, surroundings) => {
    const { runExport } = await import('../run-command.ts');
    return await runExport(flags, surroundings);
  },
};
