import type { Command } from '../../command/command.ts';
import { exitCodes } from '../../command/exit-codes.ts';
import { exitsOf } from '../../command/exit-meanings.ts';
import { initFlags } from '../../command/flags.ts';

export const init: Command = {
  name: 'init',
  summary: 'Write a job file, of what flags say and of what is answered on a terminal',
  arguments: [{ name: 'file', describe: 'The file to write; without it, nightly.yaml.' }],
  flags: initFlags,
  examples: [
    ['init', 'Ask what must be known, and write nightly.yaml.'],
    [
      'init nightly.yaml --region singapore --sdk-app-id 1400000000 --secret-key-file secret-key --users users.txt ' +
        '--to csv:export --quota shared --check',
      'The same without a question, then try it.',
    ],
  ],
  notes: [
    'What a flag says is not asked, and every key of a job file may be given by a flag. Without a terminal, what is ' +
      'missing is an error (2).',
  ],
  exits: exitsOf(
    'written, and no cross where it was tried',
    [exitCodes.usage, 'the command is wrong, or the file exists'],
    [exitCodes.someUsersFailed, 'and 4, 5, 8: what check found'],
    [exitCodes.SIGINT, 'left without writing'],
  ),
  start: async (given, surroundings) => {
    const { init } = await import('./init-command.ts');
    return await init(given, surroundings);
  },
};
