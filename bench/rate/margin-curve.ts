import type { Setting } from '../bench.ts';
import { inTurn } from '../in-turn.ts';
import type { Chart } from '../report/chart.ts';
import type { TextTable } from '../report/table.ts';
import { mean, median } from '../statistics.ts';
import { type Kept, pacedRun } from './paced-run.ts';

const SECONDS_TO_FULL_PACE = 2;

// The rate starts lower, and the last second is cut short; a whole run hardly notices, these short ones would.
const usedAtFullPace = ({ callsBySecond, rate }: Kept): number =>
  mean(callsBySecond.slice(SECONDS_TO_FULL_PACE, -1)) / rate;

/** How much of a quota is used and how much is refused, for each margin, when requests are delayed on their way. */
export async function marginCurve(
  quota: number,
  { quick, directory, say }: Setting,
): Promise<{ readonly table: TextTable; readonly charts: readonly Chart[] }> {
  const margins = quick ? [0, 8] : [0, 4, 8, 16, 25, 50];
  const jitters = quick ? [0, 20] : [0, 5, 20, 50];
  const seconds = quick ? 5 : 12;
  const cells = jitters.flatMap((jitterMs) => margins.map((marginMs) => ({ jitterMs, marginMs })));
  const nameOf = ({ jitterMs, marginMs }: (typeof cells)[number]): string =>
    `margin of ${marginMs} ms, jitter of ${jitterMs} ms`;
  const contenders = Object.fromEntries(
    cells.map((cell) => [
      nameOf(cell),
      () => pacedRun(directory, { rate: quota, isBlocked: false, seconds, ...cell }),
    ]),
  );
  const runs = await inTurn(contenders, quick ? 1 : 2, say);
  const of = (cell: (typeof cells)[number], figure: (run: Kept) => number): number =>
    median((runs[nameOf(cell)] ?? []).map(figure));
  const used = (cell: (typeof cells)[number]): number => of(cell, (run) => usedAtFullPace(run));
  const refused = (cell: (typeof cells)[number]): number => of(cell, (run) => run.overQuota / run.calls);
  const percent = (share: number): string => (share * 100).toFixed(2);
  const line = (jitterMs: number, y: typeof used) => ({
    name: `jitter of ${jitterMs} ms`,
    points: margins.map((marginMs) => [marginMs, y({ jitterMs, marginMs }) * 100] as const),
  });
  const x = { title: '--rate-margin, ms' };
  return {
    table: {
      title: `Quota of ${quota} used / calls refused, %, by margin (down) and jitter before arrival (across)`,
      columns: ['margin', ...jitters.map((jitterMs) => `${jitterMs} ms`)],
      rows: margins.map((marginMs) => [
        `${marginMs} ms`,
        ...jitters.map((jitterMs) => {
          const cell = { jitterMs, marginMs };
          return `${percent(used(cell))} / ${percent(refused(cell))}`;
        }),
      ]),
    },
    charts: [
      {
        name: 'margin-used',
        title: `Quota used, by margin and jitter before arrival`,
        x,
        y: { title: '% of the quota, from 90 on', from: 90, upTo: 100 },
        lines: jitters.map((jitterMs) => line(jitterMs, used)),
      },
      {
        name: 'margin-refused',
        title: `Calls refused, by margin and jitter before arrival`,
        x,
        y: { title: '% of all calls' },
        lines: jitters.map((jitterMs) => line(jitterMs, refused)),
      },
    ],
  };
}
