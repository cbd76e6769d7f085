import { exitCodes } from '../../../errors/exit-codes.ts';
import type { Command } from '../../command/command.ts';
import { exitLines } from '../../command/exit-meanings.ts';
import { eraseFlags } from '../../command/flags.ts';
import { jobArgument } from '../../command/job-argument.ts';

export const erase: Command = {
  name: 'erase',
  summary: 'Erase a user from a destination, and skip the user in later runs',
  arguments: [
    { name: 'user', describe: 'The user ID; - reads it from standard input.', isRequired: true },
    jobArgument(', for its destination, app and key'),
  ],
  flags: eraseFlags,
  examples: [
    ['erase alice nightly.yaml --dry-run', 'Count what would be removed.'],
    ['erase alice nightly.yaml --as-peer', "Erase the user, also from other users' conversations."],
    [
      'erase - --to csv:export --sdk-app-id 1400000000 --pseudonymize pseudonym-key',
      'Erase without a job file, where rows hold pseudonyms.',
    ],
  ],
  notes: [
    'Erases rows, versions that --history keeps, and entries of unexported users and of plans. Rewrites the files of a ' +
      'csv: directory, and abandons an unfinished run. You must remove logs, pages and copies elsewhere.',
    'Keeps a salted digest of the user ID. Anyone who can read the destination can test whether an ID was erased.',
  ],
  exits: exitLines(
    'done, even if the destination had nothing of the user',
    [
      exitCodes.usage,
      'the command or the job is wrong, or the pseudonym key does not match; nothing was removed',
    ],
    exitCodes.destination,
    exitCodes.locked,
  ),
  start: async (given, surroundings) => {
    const { executeErase: erase } = await import('./erase-command.ts');
    return await erase(given, surroundings);
  },
};
