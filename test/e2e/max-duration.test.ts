import { describe, expect, test } from 'vitest';
import { csvDestination, differences, postgresDestination } from '../support/destinations.ts';
import { runProgram } from '../support/program.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

const USERS = 40;
const MAX_ATTEMPTS = 40;

describe.each([
  ['files', csvDestination],
  ['a database', () => postgresDestination()],
] as const)('a run into %s that --max-duration stops again and again', (_, destinationOf) => {
  test('resumes where it stopped, also in the second pass, and ends with every user', async () => {
    // Each user fails once: with one attempt, the first pass puts all of them off to one chunk of the second.
    const simulation = await startSimulation({
      users: USERS,
      seed: 9,
      pageSize: 100,
      rate: 1_000,
      oddUserIds: 0,
    });
    const users = Array.from({ length: USERS }, (_, i) => `user${String(i + 1).padStart(7, '0')}`);
    await simulation.change({ script: users.map((user) => ({ fault: '50004' as const, user, times: 1 })) });
    const destination = await destinationOf();
    const { args, env } = runAgainst(
      simulation,
      destination.to,
      ...['--rate', '10', '--chunk-size', String(USERS), '--max-attempts', '1', '--max-duration', '3s'],
      ...['--max-outage', '1m', '--json'],
    );
    const codes: (number | null)[] = [];
    let done = 0;
    while (codes.length < MAX_ATTEMPTS && codes.at(-1) !== 0) {
      const { code, stdout, stderr } = await runProgram(args, { env });
      expect([0, 7], `${stdout}${stderr}`).toContain(code);
      codes.push(code);
      // The time was over before the run was opened.
      if (stdout === '') continue;
      const { counts } = JSON.parse(stdout) as { counts: { exported: number } };
      expect(counts.exported).toBeGreaterThanOrEqual(done);
      done = counts.exported;
    }
    expect(codes.at(-1)).toBe(0);
    // The second pass alone takes longer than a stop leaves it.
    expect(codes.length).toBeGreaterThan(2);
    expect(done).toBe(USERS);
    expect(await differences(simulation.expectedDir, destination)).toEqual({});
  });
});
