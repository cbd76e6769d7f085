import { expect, test } from 'vitest';
import { simulateFlags } from '../../../../src/cli/commands/simulate/simulate-flags.ts';
import { simulatorOptionNames } from '../../../../src/simulator/options/options.ts';

test('every option of the simulator but its key is a flag', () => {
  const flags = Object.keys(simulateFlags());
  expect(flags).toHaveLength(2 + simulatorOptionNames.length - 1);
  expect(flags).toEqual(expect.arrayContaining(['host', 'sdk-app-id', 'failing-from-day2', 'stall-ms']));
  expect(flags).not.toContain('secret-key');
});

test('a flag has the default, the unit and the values of its option', () => {
  const flags = simulateFlags();
  expect(flags.users).toMatchObject({ default: '1000', unit: 'users', range: 'from 0' });
  expect(flags['odd-user-ids']).toMatchObject({ default: '0.02', range: 'from 0 to 1' });
  expect(flags['unknown-app-code']).toMatchObject({ default: '70020', choices: ['70020', '70016'] });
  expect(flags.latency).toMatchObject({
    default: '[0,0]',
    unit: 'milliseconds',
    range: 'two numbers from 0',
  });
  expect(flags.host).toMatchObject({ default: '127.0.0.1' });
  expect(flags['stall-ms']).toMatchObject({ default: 'null', range: 'from 0, or null' });
  expect(flags['stall-ms']).not.toHaveProperty('unit');
});
