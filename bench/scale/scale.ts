import type { Bench, Setting } from '../bench.ts';
import type { Figure } from '../report/figure.ts';
import { median, ratioOf, spreadOf } from '../statistics.ts';
import { type Server, startServer } from '../support/postgres.ts';
import { type RunOfProgram, runProgram } from '../support/program.ts';
import { startSimulation, writeUsers } from '../support/simulation.ts';

const MAX_MIB = 256;
const MAX_GROWTH = 1.1;
// Nearly every user has one page: the number of users matters here.
const CONTENT = { pageSize: 100, conversations: 8, oddUserIds: 0 } as const;

export const scale: Bench = {
  name: 'scale',
  summary: 'peak memory, and CPU a user, of whole runs of ever more users into PostgreSQL',
  run: async (setting) => {
    const { quick, directory, say } = setting;
    await using server = await startServer(directory);
    const sizes = quick ? [300, 3_000] : [1_000, 10_000, 100_000, 1_000_000];
    const rounds = quick ? 1 : 3;
    const runs = new Map<number, RunOfProgram[]>(sizes.map((users) => [users, []]));
    for (let round = 1; round <= rounds; round += 1) {
      for (const users of sizes) {
        // A million take as long as all others together: there is time for one.
        if (users >= 1_000_000 && round > 1) continue;
        say(`round ${round} of ${rounds}: ${users} users`);
        runs.get(users)?.push(await wholeRun(setting, server, users));
      }
    }
    const of = (users: number): RunOfProgram[] => runs.get(users) ?? [];
    const cpu = (users: number) => (run: RunOfProgram) => run.cpuSeconds / users;
    const micros = (users: number): string => Math.round(median(of(users).map(cpu(users))) * 1e6).toString();
    // The fixed cost of the start counts only in the smallest run.
    const [, base = 0, ...larger] = quick ? [0, ...sizes] : sizes;
    const figures: Figure[] = [
      ...sizes.map((users) => ({
        what: `peak memory, ${users} users`,
        against: `${MAX_MIB} MiB`,
        unit: 'MiB' as const,
        value: spreadOf(of(users).map(({ peakMiB }) => peakMiB)),
        reach: { most: MAX_MIB },
        detail: `${median(of(users).map(({ seconds }) => seconds)).toFixed(1)} s, unthrottled, into PostgreSQL`,
      })),
      ...larger.map((users) => ({
        what: `CPU a user, ${users} users`,
        against: `${base} users`,
        unit: 'ratio' as const,
        value: ratioOf(
          of(users).map((run) => run.cpuSeconds / users),
          of(base)
            .slice(0, of(users).length)
            .map((run) => run.cpuSeconds / base),
          (share) => share,
        ),
        reach: { most: MAX_GROWTH },
        detail: `${micros(users)} against ${micros(base)} µs of CPU a user, start-up included`,
      })),
    ];
    return {
      figures,
      charts: [
        {
          name: 'memory-over-users',
          title: 'Peak memory of whole runs into PostgreSQL',
          x: { title: 'users', logarithmic: true },
          y: { title: 'MiB resident at the most', upTo: MAX_MIB },
          lines: [
            {
              name: 'median',
              points: sizes.map((users) => [users, median(of(users).map((run) => run.peakMiB))]),
            },
            { name: 'bound', points: sizes.map((users) => [users, MAX_MIB]) },
          ],
        },
      ],
    };
  },
};

async function wholeRun({ directory }: Setting, server: Server, users: number): Promise<RunOfProgram> {
  const list = await writeUsers(directory, users, CONTENT.oddUserIds);
  await using simulation = await startSimulation(directory, { users, rate: 100_000, ...CONTENT });
  const run = await runProgram(
    ['--users', list, '--endpoint', simulation.url, '--rate', '10000', '--quiet'],
    await server.createDatabase(),
    [0],
    { directory },
  );
  const { counts } = run.summary as { counts: { exported: number } };
  if (counts.exported !== users) throw new Error(`${counts.exported} of ${users} users were exported`);
  return run;
}
