import type { Figure } from '../report/figure.ts';
import { median, ratioOf } from '../statistics.ts';
import type { Runs, StoredRun } from './three-runs.ts';

/** The cost of keeping every version of the rows, against the same runs, in turn, without. */
export function historyFigures(kept: readonly Runs[], plain: readonly Runs[], users: number): Figure[] {
  const runs = [
    { name: 'a first run', of: ({ first }: Runs): StoredRun => first },
    { name: 'an unchanged run', of: ({ same }: Runs): StoredRun => same },
    { name: 'a run with 1 % changed users', of: ({ changed }: Runs): StoredRun => changed },
  ];
  return runs.flatMap(({ name, of }) =>
    costs.map(({ cost, unit, read, digits }): Figure => {
      const [ours, theirs] = [kept, plain].map((all) =>
        median(all.map((three) => read(of(three)))).toFixed(digits),
      );
      return {
        what: `with --history, ${name}: ${cost}`,
        against: `the same run of ${users} users without`,
        unit: 'ratio',
        value: ratioOf(kept, plain, (three) => read(of(three))),
        reach: null,
        detail: `${ours} against ${theirs} ${unit}`,
      };
    }),
  );
}

const MIB = 1024 ** 2;

const costs = [
  { cost: 'time to store it', unit: 's', digits: 2, read: ({ seconds }: StoredRun) => seconds },
  { cost: 'write-ahead log', unit: 'MiB', digits: 2, read: ({ walBytes }: StoredRun) => walBytes / MIB },
  {
    cost: 'all tables on disk after it',
    unit: 'MiB',
    digits: 1,
    read: ({ diskBytes }: StoredRun) => diskBytes / MIB,
  },
] as const;
