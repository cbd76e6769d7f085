import { describe, test } from 'vitest';
import { postgresDestination } from '../support/destinations.ts';
import { hasPgBoss } from '../support/pg-boss.ts';
import { chaosOverSharedNights } from './shared-chaos.ts';

// `npm run test:crash -- --share --kills 100 --seed 1` sets them.
const faults = Number(process.env.CRASH_SHARED ?? 12);
const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const longestFaultMs = process.env.CRASH_SHARED === undefined ? 13_000 : 30_000;

describe.skipIf(!hasPgBoss())('shared nights (needs pg-boss: see CONTRIBUTING.md)', () => {
  test(`end with every row and version as expected, each once, after ${faults} faults of workers (seed ${seed})`, {
    timeout: 600_000 + faults * 20_000,
  }, async () => {
    const survived = await chaosOverSharedNights(await postgresDestination(), {
      faults,
      seed,
      longestFaultMs,
    });
    process.stdout.write(`seed ${seed}: ${JSON.stringify(survived)}\n`);
  });
});
