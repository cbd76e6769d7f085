import { exitCodes } from '../../../errors/exit-codes.ts';
import type { Command } from '../../command/command.ts';
import { exitLines } from '../../command/exit-meanings.ts';

export const simulate: Command = {
  name: 'simulate',
  summary: 'Run a local simulator of the API',
  flags: async () => {
    const { simulateFlags } = await import('./simulate-flags.ts');
    return simulateFlags();
  },
  examples: [
    [
      'simulate --port 8099 --users 2000 --expected expected',
      'Serve 2,000 users, and write the list and the expected rows.',
    ],
    [
      'simulate --faults "{50004: 0.01, reset: 0.005}" --latency "[20, 100]"',
      'Fail some calls, and answer after 20 to 100 ms.',
    ],
    ['simulate --script "[{fault: down, seconds: [10, 70]}]"', 'Simulate an outage of one minute.'],
    [
      'simulate --other-calls 100 --other-calls-seconds "[10, 70]"',
      'Let another client use half of the quota for one minute.',
    ],
  ],
  notes: [
    'Values are YAML. The simulator serves until it is interrupted, then prints a report of the calls.',
  ],
  exits: exitLines('interrupted, after its report', [
    exitCodes.usage,
    'the command is wrong, or the port is taken',
  ]),
  start: async (given, surroundings) => {
    const { executeSimulate: simulate } = await import('./simulate-command.ts');
    return await simulate(given, surroundings);
  },
};
