import type { Bench } from '../bench.ts';
import { inTurn } from '../in-turn.ts';
import type { Figure } from '../report/figure.ts';
import { median, ratioOf, spreadOf } from '../statistics.ts';
import { startServer } from '../support/postgres.ts';
import { historyFigures } from './history-figures.ts';
import { type Runs, type StoredRun, threeRuns } from './three-runs.ts';

export const reruns: Bench = {
  name: 'reruns',
  summary: 'an unchanged run, and one with 1 % changed users, against the first; and the cost of a history',
  run: async (setting) => {
    const { quick, directory, say } = setting;
    await using server = await startServer(directory);
    const users = quick ? 2_000 : 40_000;
    const { plain, kept } = await inTurn<'plain' | 'kept', Runs>(
      {
        plain: () => threeRuns(setting, server, { users, history: false }),
        kept: () => threeRuns(setting, server, { users, history: true }),
      },
      quick ? 2 : 5,
      say,
    );
    const firsts = plain.map(({ first }) => first);
    const sames = plain.map(({ same }) => same);
    const changes = plain.map(({ changed }) => changed);
    const against = `the first run of ${users} users, in PostgreSQL`;
    const seconds = ({ seconds }: StoredRun): number => seconds;
    const took = (runs: readonly StoredRun[]): string => median(runs.map(seconds)).toFixed(2);
    const wal = (runs: readonly StoredRun[]): string =>
      (median(runs.map(({ walBytes }) => walBytes)) / 1024 ** 2).toFixed(2);
    const changedUsers = users - (changes[0]?.unchanged ?? 0);
    const figures: Figure[] = [
      {
        what: 'an unchanged run: rows written',
        against,
        unit: 'count',
        value: spreadOf(sames.map(({ rowsWritten }) => rowsWritten)),
        reach: { most: 0 },
        detail: `${firsts[0]?.rowsWritten} rows were written on the first`,
      },
      {
        what: 'an unchanged run: write-ahead log a user',
        against,
        unit: 'bytes',
        value: spreadOf(sames.map(({ walBytes }) => walBytes / users)),
        reach: { most: 100 },
        detail: `${wal(sames)} against ${wal(firsts)} MiB, the ledger and its run included`,
      },
      {
        what: 'an unchanged run: time to store it',
        against,
        unit: 'ratio',
        value: ratioOf(sames, firsts, seconds),
        reach: null,
        detail: `${took(sames)} against ${took(firsts)} s, without the calls`,
      },
      {
        what: `a run with ${changedUsers} changed users: rows written`,
        against,
        unit: 'share',
        value: ratioOf(changes, firsts, ({ rowsWritten }) => rowsWritten),
        reach: null,
        detail: `${changes[0]?.rowsWritten} rows; ${((changedUsers / users) * 100).toFixed(2)} % of the users changed`,
      },
      {
        what: `a run with ${changedUsers} changed users: write-ahead log`,
        against,
        unit: 'share',
        value: ratioOf(changes, firsts, ({ walBytes }) => walBytes),
        reach: null,
        detail: `${wal(changes)} against ${wal(firsts)} MiB, pages written whole after a checkpoint included`,
      },
      {
        what: `a run with ${changedUsers} changed users: time to store it`,
        against,
        unit: 'ratio',
        value: ratioOf(changes, firsts, seconds),
        reach: null,
        detail: `${took(changes)} against ${took(firsts)} s, without the calls`,
      },
    ];
    return { figures: [...figures, ...historyFigures(kept, plain, users)] };
  },
};
