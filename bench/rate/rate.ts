import type { Bench, Setting } from '../bench.ts';
import { inTurn } from '../in-turn.ts';
import type { Chart } from '../report/chart.ts';
import type { Figure } from '../report/figure.ts';
import { spreadOf } from '../statistics.ts';
import { marginCurve } from './margin-curve.ts';
import { type Kept, type PacedRun, pacedRun } from './paced-run.ts';

const QUOTA = 200;
// They leave the machine idle nearly all the time, and are measured side by side.
const SLOW_QUOTAS = [10, 50];

export const rate: Bench = {
  name: 'rate',
  summary: 'how much of the quota is used and none of it passed, as the simulator sees it',
  run: async (setting) => {
    const figures: Figure[] = [];
    const overTime: Chart['lines'][number][] = [];
    const together = setting.quick ? [[QUOTA]] : [[QUOTA], [1_000], SLOW_QUOTAS];
    for (const quotas of together) {
      const kept = await Promise.all(quotas.map((quota) => freeAndBlocked(quota, setting)));
      for (const [i, quota] of quotas.entries()) {
        const { free = [], blocked = [] } = kept[i] ?? {};
        figures.push(...quotaFigures(quota, 'event loop free', free));
        figures.push(...quotaFigures(quota, 'event loop blocked for up to 40 ms now and then', blocked));
        if (quota !== QUOTA) continue;
        overTime.push(lineOf('event loop free', free), lineOf('blocked now and then', blocked));
      }
    }
    const curve = await marginCurve(QUOTA, setting);
    return {
      figures,
      tables: [curve.table],
      charts: [
        {
          name: 'rate-over-time',
          title: `Calls that arrive in each second, under a quota of ${QUOTA}`,
          x: { title: 'seconds since the first call' },
          y: { title: 'calls in that second', upTo: QUOTA },
          lines: overTime,
        },
        ...curve.charts,
      ],
    };
  },
};

async function freeAndBlocked(
  quota: number,
  { quick, directory, say }: Setting,
): Promise<Record<'free' | 'blocked', Kept[]>> {
  const run: PacedRun = {
    rate: quota,
    marginMs: null,
    jitterMs: 0,
    isBlocked: false,
    seconds: quick ? 8 : 90,
  };
  return await inTurn(
    {
      free: () => pacedRun(directory, run),
      blocked: () => pacedRun(directory, { ...run, isBlocked: true }),
    },
    quick ? 1 : 3,
    (text) => say(`quota of ${quota}, ${text}`),
  );
}

function quotaFigures(quota: number, how: string, runs: readonly Kept[]): Figure[] {
  const against = `the quota of ${quota} calls a second`;
  return [
    {
      what: `quota used, ${how}`,
      against,
      unit: 'share',
      value: spreadOf(runs.map(({ used }) => used)),
      reach: { least: 0.99 },
      detail: `${runs.map(({ calls }) => calls).join(', ')} calls, answered after 20 to 200 ms, default margin`,
    },
    {
      what: `calls in the fullest 1,000 ms, ${how}`,
      against,
      unit: 'count',
      value: spreadOf(runs.map(({ fullestSecond }) => fullestSecond)),
      reach: { most: quota },
      detail: `${runs.map(({ overQuota }) => overQuota).join(', ')} calls refused`,
    },
  ];
}

/** The last run's seconds; the last of them is cut short by the end. */
const lineOf = (name: string, runs: readonly Kept[]): Chart['lines'][number] => ({
  name,
  points: (runs.at(-1)?.callsBySecond ?? []).slice(0, -1).map((calls, second) => [second, calls] as const),
});
