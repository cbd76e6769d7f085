import type { Command } from '../command.ts';
import { signerFlags } from '../flags.ts';

export const userSig: Command = {
  usage: 'usersig [job]',
  summary: 'Print a UserSig, for trying a call by hand',
  flags: () => ({
    lifetime: {
      type: 'string',
      requiresArg: true,
      describe: 'How long it is valid, as a duration up to 180d',
      defaultDescription: '1h',
    },
    ...signerFlags(),
  }),
  positionals: (yargs) =>
    yargs.positional('job', { type: 'string', describe: 'A job file (YAML), for its app and key' }),
  examples: [['$0 usersig --sdk-app-id 1400000000 --secret-key-file key --lifetime 10m', '']],
  start: async (flags, surroundings) => {
    const { userSig } = await import('../usersig-command.ts');
    return await userSig(flags, surroundings);
  },
};
