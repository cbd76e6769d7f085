import type { Bench, Findings, Setting } from '../bench.ts';
import { inTurn } from '../in-turn.ts';
import type { Chart } from '../report/chart.ts';
import type { Figure } from '../report/figure.ts';
import { spreadOf } from '../statistics.ts';
import { judgeOf, type Kept, type PacedRun, pacedRun } from './paced-run.ts';

const QUOTA = 200;
const FAST_QUOTA = 1_000;
// They leave the machine idle nearly all the time, and are measured side by side.
const SLOW_QUOTAS = [10, 50];

/** The target for the figures of a quota. */
type Target = { readonly usedFree: number; readonly usedBlocked: number; readonly over: number };

const TARGET: Target = { usedFree: 0.99, usedBlocked: 0.988, over: 0 };
// Five times as many calls are on their way when one is late.
const FAST_TARGET: Target = { usedFree: 0.988, usedBlocked: 0.988, over: 0.001 };

type Runs = Record<'free' | 'blocked', Kept[]>;

export const rate: Bench = {
  name: 'rate',
  summary: 'how much of a quota of 200 calls a second is used, and whether it is exceeded',
  run: async (setting) => {
    const runs = await freeAndBlocked(QUOTA, setting, { rounds: 5, seconds: 90 });
    return {
      figures: figuresOf(QUOTA, TARGET, runs),
      charts: [
        {
          name: 'rate-over-time',
          title: `Calls that arrive in each second, under a quota of ${QUOTA}`,
          x: { title: 'seconds since the first call' },
          y: { title: 'calls in that second', upTo: QUOTA },
          lines: [lineOf('event loop free', runs.free), lineOf('blocked now and then', runs.blocked)],
        },
      ],
    };
  },
};

export const rates: Bench = {
  name: 'rates',
  summary: 'the same for quotas of 10, 50 and 1,000 calls a second',
  run: async (setting): Promise<Findings> => {
    const size = { rounds: 3, seconds: 45 };
    const slow = await Promise.all(SLOW_QUOTAS.map((quota) => freeAndBlocked(quota, setting, size)));
    const fast = await freeAndBlocked(FAST_QUOTA, setting, size);
    return {
      figures: [
        ...SLOW_QUOTAS.flatMap((quota, i) => figuresOf(quota, TARGET, slow[i] ?? { free: [], blocked: [] })),
        ...figuresOf(FAST_QUOTA, FAST_TARGET, fast),
      ],
    };
  },
};

async function freeAndBlocked(
  quota: number,
  { quick, directory, say }: Setting,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<Runs> {
  const run: PacedRun = {
    rate: quota,
    margin: null,
    jitter: [],
    isBlocked: false,
    seconds: quick ? 8 : seconds,
  };
  return await inTurn(
    {
      free: () => pacedRun(directory, run),
      blocked: () => pacedRun(directory, { ...run, isBlocked: true }),
    },
    quick ? 1 : rounds,
    (text) => say(`quota of ${quota}, ${text}`),
  );
}

const figuresOf = (
  quota: number,
  { usedFree, usedBlocked, over }: Target,
  { free, blocked }: Runs,
): Figure[] => [
  ...quotaFigures(quota, 'event loop free', free, { used: usedFree, over }),
  ...quotaFigures(quota, 'event loop blocked for up to 40 ms now and then', blocked, {
    used: usedBlocked,
    over,
  }),
];

function quotaFigures(
  quota: number,
  how: string,
  runs: readonly Kept[],
  reach: { readonly used: number; readonly over: number },
): Figure[] {
  const against = `the quota of ${quota} calls a second`;
  const each = (of: (run: Kept) => number): string => runs.map(of).join(', ');
  return [
    {
      what: `quota used, ${how}`,
      against,
      unit: 'share',
      value: spreadOf(runs.map(({ used }) => used)),
      reach: { least: reach.used },
      detail: `${each(({ calls }) => calls)} calls, answered after 20 to 200 ms, default margin; ${judgeOf(runs)}`,
    },
    {
      what: `calls in the fullest 1,000 ms, ${how}`,
      against,
      unit: 'count',
      value: spreadOf(runs.map(({ fullestSecond }) => fullestSecond)),
      reach: reach.over === 0 ? { most: quota } : null,
      detail: judgeOf(runs),
    },
    {
      what: `calls over the quota, ${how}`,
      against,
      unit: 'share',
      value: spreadOf(runs.map(({ overQuota, calls }) => overQuota / calls)),
      reach: { most: reach.over },
      detail: `${each(({ overQuota }) => overQuota)} calls; ${judgeOf(runs)}; the simulator refused ${each(({ refused }) => refused)}`,
    },
  ];
}

/** The last run's seconds; the last of them is cut short by the end. */
const lineOf = (name: string, runs: readonly Kept[]): Chart['lines'][number] => ({
  name,
  points: (runs.at(-1)?.callsBySecond ?? []).slice(0, -1).map((calls, second) => [second, calls] as const),
});
