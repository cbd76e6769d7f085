import type { Figure } from '../report/figure.ts';
import { median, ratioOf } from '../statistics.ts';
import type { Night, Nights } from './three-nights.ts';

/** What it costs to keep every version of the rows, against the same nights, in turn, without. */
export function historyFigures(kept: readonly Nights[], plain: readonly Nights[], users: number): Figure[] {
  const nights = [
    { name: 'a first night', of: ({ first }: Nights): Night => first },
    { name: 'an unchanged night', of: ({ same }: Nights): Night => same },
    { name: 'a night with 1 % changed users', of: ({ changed }: Nights): Night => changed },
  ];
  return nights.flatMap(({ name, of }) =>
    costs.map(({ cost, unit, read, digits }): Figure => {
      const [ours, theirs] = [kept, plain].map((all) =>
        median(all.map((three) => read(of(three)))).toFixed(digits),
      );
      return {
        what: `with --history, ${name}: ${cost}`,
        against: `the same night of ${users} users without`,
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
  { cost: 'time to store it', unit: 's', digits: 2, read: ({ seconds }: Night) => seconds },
  { cost: 'write-ahead log', unit: 'MiB', digits: 2, read: ({ walBytes }: Night) => walBytes / MIB },
  {
    cost: 'all tables on disk after it',
    unit: 'MiB',
    digits: 1,
    read: ({ diskBytes }: Night) => diskBytes / MIB,
  },
] as const;
