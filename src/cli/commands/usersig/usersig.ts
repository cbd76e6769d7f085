import { exitCodes } from '../../../errors/exit-codes.ts';
import type { Command } from '../../command/command.ts';
import { exitLines } from '../../command/exit-meanings.ts';
import { signerFlags } from '../../command/flags.ts';
import { jobArgument } from '../../command/job-argument.ts';

export const userSig: Command = {
  name: 'usersig',
  summary: 'Print a UserSig for a manual API call',
  arguments: [jobArgument(', for its app and key')],
  flags: () => ({
    lifetime: {
      group: 'UserSig',
      placeholder: 'DURATION',
      describe: 'Expire the UserSig after this time, up to 180d.',
      range: '1s to 180d',
      default: '1h',
    },
    ...signerFlags(),
  }),
  examples: [
    ['usersig nightly.yaml', 'Sign for the app of a job, valid for one hour.'],
    ['usersig --sdk-app-id 1400000000 --secret-key-file key --lifetime 10m', 'Sign without a job file.'],
  ],
  exits: exitLines('done', [exitCodes.usage, 'the command or the job is wrong']),
  start: async (given, surroundings) => {
    const { executeUserSig: userSig } = await import('./usersig-command.ts');
    return await userSig(given, surroundings);
  },
};
