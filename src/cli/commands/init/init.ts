import { exitCodes } from '../../../errors/exit-codes.ts';
import type { Command } from '../../command/command.ts';
import { exitLines } from '../../command/exit-meanings.ts';
import { initFlags } from '../../command/flags.ts';

export const init: Command = {
  name: 'init',
  summary: 'Create a job file from flags and prompts',
  arguments: [{ name: 'file', describe: 'The file to write. Default: nightly.yaml.' }],
  flags: initFlags,
  examples: [
    ['init', 'Ask for what is needed, and write nightly.yaml.'],
    [
      'init nightly.yaml --region singapore --sdk-app-id 1400000000 --secret-key-file secret-key --users users.txt ' +
        '--to csv:export --quota shared --check',
      'Write the same without questions, then check it.',
    ],
  ],
  notes: [
    'Flags answer questions: every key of a job file may be given as a flag. Without a terminal, a missing value is an ' +
      'error (2).',
  ],
  exits: exitLines(
    'written, and all checks passed if it was checked',
    [exitCodes.usage, 'the command is wrong, or the file exists'],
    [exitCodes.someUsersFailed, 'and 4, 5, 8: what check found'],
    [exitCodes.SIGINT, 'cancelled without writing'],
  ),
  start: async (given, surroundings) => {
    const { executeInit: init } = await import('./init-command.ts');
    return await init(given, surroundings);
  },
};
