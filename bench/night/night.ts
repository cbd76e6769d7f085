import type { Bench, Setting } from '../bench.ts';
import { type Server, settle, startServer, walPosition } from '../ground/postgres.ts';
import type { Figure } from '../report/figure.ts';
import { median, ratioOf, spreadOf } from '../statistics.ts';
import { storeNight } from '../store/store.ts';
import type { StoreOutput } from '../store/task.ts';

type Night = StoreOutput & { readonly walBytes: number };
type Nights = { readonly first: Night; readonly same: Night; readonly changed: Night };

const CHANGED = 0.01;

export const night: Bench = {
  name: 'night',
  summary: 'an unchanged night, and one with 1 % changed users, against the first night',
  run: async (setting) => {
    const { quick, directory, say } = setting;
    await using server = await startServer(directory);
    const users = quick ? 2_000 : 40_000;
    const rounds: Nights[] = [];
    for (let round = 0; round < (quick ? 2 : 5); round += 1) {
      say(`round ${round + 1}`);
      rounds.push(await threeNights(setting, server, users));
    }
    const firsts = rounds.map(({ first }) => first);
    const sames = rounds.map(({ same }) => same);
    const changes = rounds.map(({ changed }) => changed);
    const against = `the first night of ${users} users, in PostgreSQL`;
    const seconds = ({ seconds }: Night): number => seconds;
    const took = (nights: readonly Night[]): string => median(nights.map(seconds)).toFixed(2);
    const wal = (nights: readonly Night[]): string =>
      (median(nights.map(({ walBytes }) => walBytes)) / 1024 ** 2).toFixed(2);
    const changedUsers = users - (changes[0]?.unchanged ?? 0);
    const figures: Figure[] = [
      {
        what: 'an unchanged night: rows written',
        against,
        unit: 'count',
        value: spreadOf(sames.map(({ rowsWritten }) => rowsWritten)),
        reach: { most: 0 },
        detail: `${firsts[0]?.rowsWritten} rows were written on the first`,
      },
      {
        what: 'an unchanged night: write-ahead log a user',
        against,
        unit: 'bytes',
        value: spreadOf(sames.map(({ walBytes }) => walBytes / users)),
        reach: { most: 100 },
        detail: `${wal(sames)} against ${wal(firsts)} MiB, the ledger and its run included`,
      },
      {
        what: 'an unchanged night: time to store it',
        against,
        unit: 'ratio',
        value: ratioOf(sames, firsts, seconds),
        reach: null,
        detail: `${took(sames)} against ${took(firsts)} s, without the calls`,
      },
      {
        what: `a night with ${changedUsers} changed users: rows written`,
        against,
        unit: 'share',
        value: ratioOf(changes, firsts, ({ rowsWritten }) => rowsWritten),
        reach: null,
        detail: `${changes[0]?.rowsWritten} rows; ${((changedUsers / users) * 100).toFixed(2)} % of the users changed`,
      },
      {
        what: `a night with ${changedUsers} changed users: write-ahead log`,
        against,
        unit: 'share',
        value: ratioOf(changes, firsts, ({ walBytes }) => walBytes),
        reach: null,
        detail: `${wal(changes)} against ${wal(firsts)} MiB, pages written whole after a checkpoint included`,
      },
      {
        what: `a night with ${changedUsers} changed users: time to store it`,
        against,
        unit: 'ratio',
        value: ratioOf(changes, firsts, seconds),
        reach: null,
        detail: `${took(changes)} against ${took(firsts)} s, without the calls`,
      },
    ];
    return { figures };
  },
};

async function threeNights(setting: Setting, server: Server, users: number): Promise<Nights> {
  const url = await server.createDatabase();
  const store = async (night: number, changed: number): Promise<Night> => {
    // Between two nights there is a checkpoint, after which the first change of a page logs the whole page.
    await settle(url);
    const before = await walPosition(url);
    const stored = await storeNight(
      { to: { kind: 'postgres', url }, users, night, changed },
      setting.profiles,
    );
    return { ...stored, walBytes: (await walPosition(url)) - before };
  };
  const first = await store(1, CHANGED);
  const same = await store(1, CHANGED);
  const changed = await store(2, CHANGED);
  if (same.unchanged !== users)
    throw new Error(`${users - same.unchanged} users changed in an unchanged night`);
  return { first, same, changed };
}
