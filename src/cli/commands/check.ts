import type { Command } from '../command.ts';
import { runFlags } from '../flags.ts';

export const check: Command = {
  usage: 'check [job]',
  summary: 'Try all that a run needs, and say what it would cost; writes nothing',
  flags: runFlags,
  positionals: (yargs) => yargs.positional('job', { type: 'string', describe: 'A job file (YAML)' }),
  examples: [['$0 check nightly.yaml', '']],
  epilogue:
    'Exit: that of a run for the first cross, 0 without one; 2 also when nobody of the sample is in the app.\n' +
    'Makes no call while a run is at work in the destination; a run into another one cannot be seen.',
  start: async (flags, surroundings) => {
    const { check } = await import('../check-command.ts');
    return await check(flags, surroundings);
  },
};
