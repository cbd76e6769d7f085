import { exitCodes } from '../../../errors/exit-codes.ts';
import type { Command } from '../../command/command.ts';
import { exitLines } from '../../command/exit-meanings.ts';
import { reportFlags } from '../../command/flags.ts';
import { jobArgument } from '../../command/job-argument.ts';

export const report: Command = {
  name: 'report',
  summary: 'Write a self-contained HTML report of one run',
  arguments: [
    {
      name: 'run',
      describe: 'The number of the run, as chat-export runs lists them; or last, the newest.',
      isRequired: true,
    },
    jobArgument(', for its destination and options'),
  ],
  flags: reportFlags,
  examples: [
    ['report last nightly.yaml --output report.html', 'Report the newest run of a job.'],
    ['report 7 --to csv:export > run-7.html', 'Report without the options of a job.'],
  ],
  exits: exitLines(
    'done',
    [exitCodes.usage, 'the command or the job is wrong, or there is no such run'],
    exitCodes.destination,
    exitCodes.SIGINT,
    exitCodes.SIGTERM,
  ),
  start: async (given, surroundings) => {
    const { executeReport: report } = await import('./report-command.ts');
    return await report(given, surroundings);
  },
};
