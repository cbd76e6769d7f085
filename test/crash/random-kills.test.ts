import { expect, test } from 'vitest';
import { describeKinds } from '../support/destinations.ts';
import { killAtRandom } from './random-kills.ts';

// `npm run test:crash -- --kills 500 --seed 1` sets them.
const kills = Number(process.env.CRASH_KILLS ?? 5);
const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);

describeKinds(`runs that are killed ${kills} times at random (seed ${seed}), into`, (destinationOf) => {
  test('end with the expected rows, each once, and repeat at most the calls of the open chunks', {
    timeout: 600_000 + kills * 10_000,
  }, async () => {
    const survived = await killAtRandom(await destinationOf(), { kills, seed });
    process.stdout.write(`seed ${seed}: ${JSON.stringify(survived)}\n`);
    expect(survived.killed).toBe(kills);
  });
});
