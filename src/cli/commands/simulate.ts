import type { Command } from '../command.ts';

export const simulate: Command = {
  usage: 'simulate',
  summary: 'Run a local stand-in for the API',
  flags: async () => {
    const { simulateFlags } = await import('../simulate-flags.ts');
    return simulateFlags();
  },
  examples: [
    ['$0 simulate --port 8099 --users 2000 --truth truth', 'Serve 2,000 users; write their true rows'],
    ['$0 simulate --faults "{50004: 0.01, reset: 0.005}" --latency "[20, 100]"', ''],
    ['$0 simulate --script "[{fault: down, seconds: [10, 70]}]"', 'An outage of a minute'],
    [
      '$0 simulate --other-calls 100 --other-calls-seconds "[10, 70]"',
      'Somebody else uses half of the quota for a minute',
    ],
  ],
  start: async (flags, surroundings) => {
    const { simulate } = await import('../simulate-command.ts');
    return await simulate(flags, surroundings);
  },
};
