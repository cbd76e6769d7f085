import { expect, test } from 'vitest';
import { describeKinds } from '../support/destinations.ts';
import { killAtRandom } from './random-kills.ts';

// `npm run test:crash -- --kills 500 --seed 1` sets them.
const kills = Number(process.env.CRASH_KILLS ?? 5);
const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);

describeKinds(`nights that are killed ${kills} times at random (seed ${seed}), into`, (destinationOf) => {
  test('end with the truth, nothing twice, and no more calls repeated than the open chunks had', {
    timeout: 600_000 + kills * 10_000,
  }, async () => {
    const survived = await killAtRandom(await destinationOf(), { kills, seed });
    process.stdout.write(`seed ${seed}: ${JSON.stringify(survived)}\n`);
    expect(survived.killed).toBe(kills);
  });
});
