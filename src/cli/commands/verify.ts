import type { Command } from '../command.ts';
import { placeFlags } from '../flags.ts';

export const verify: Command = {
  usage: 'verify [job]',
  summary: 'Hold what a run recorded against what its destination holds; writes nothing',
  flags: () => ({
    run: {
      type: 'string',
      requiresArg: true,
      describe: 'The number of the run',
      defaultDescription: 'the last finished one',
    },
    ...placeFlags(),
  }),
  positionals: (yargs) =>
    yargs.positional('job', {
      type: 'string',
      describe: 'A job file (YAML), or a directory of exported files',
    }),
  examples: [
    ['$0 verify nightly.yaml', 'The last finished run of a job'],
    ['$0 verify export', 'A directory of files'],
    ['$0 verify --to postgres://reader@db.example.com/chat --json', ''],
  ],
  epilogue: [
    'Exit:',
    '  0  all that can be known agrees',
    '  2  the command is wrong, or there is no record to judge by',
    '  3  something differs; the lines say what',
    '  5  the destination cannot be reached, or refuses',
    '  8  a run is at work there; nothing was judged',
  ].join('\n'),
  start: async (flags, surroundings) => {
    const { verify } = await import('../verify-command.ts');
    return await verify(flags, surroundings);
  },
};
