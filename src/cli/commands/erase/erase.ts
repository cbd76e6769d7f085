import type { Command } from '../../command/command.ts';
import { exitCodes } from '../../command/exit-codes.ts';
import { exitsOf } from '../../command/exit-meanings.ts';
import { eraseFlags } from '../../command/flags.ts';
import { jobArgument } from '../../command/job-argument.ts';

export const erase: Command = {
  name: 'erase',
  summary: 'Remove a user from a destination, and have later runs leave the user out',
  arguments: [
    { name: 'user', describe: 'The user ID; - reads it from standard input.', isRequired: true },
    jobArgument(', for its destination, app and key'),
  ],
  flags: eraseFlags,
  examples: [
    ['erase alice nightly.yaml --dry-run', 'Count what would be removed.'],
    ['erase alice nightly.yaml --as-peer', "Remove the user, also from other users' conversations."],
    [
      'erase - --to csv:export --sdk-app-id 1400000000 --pseudonymize pseudonym-key',
      'Without a job file, where rows hold pseudonyms.',
    ],
  ],
  notes: [
    'It removes rows, versions that --history keeps, and entries of unexported users and of plans. Of a csv: directory it ' +
      'writes the files anew, and gives up an unfinished run. Logs, pages and copies elsewhere are yours.',
    'That the user is erased is kept as a salted digest, which whoever reads the destination can find by trying IDs.',
  ],
  exits: exitsOf(
    'done, also where there was nothing of the user',
    [exitCodes.usage, 'the command or the job is wrong, or rows hold other names; nothing was removed'],
    exitCodes.destination,
    exitCodes.locked,
  ),
  start: async (given, surroundings) => {
    const { erase } = await import('./erase-command.ts');
    return await erase(given, surroundings);
  },
};
