import type { Bench, Setting } from '../bench.ts';
import { inTurn } from '../in-turn.ts';
import type { Chart } from '../report/chart.ts';
import type { Figure } from '../report/figure.ts';
import { spreadOf } from '../statistics.ts';
import {
  AUTO,
  answeredAndRefused,
  answeredShare,
  bestFixed,
  refusedShare,
  type Seconds,
  shownMargin,
} from './margins.ts';
import { judgeOf, type Kept, type Margin, pacedRun } from './paced-run.ts';

const QUOTA = 200;
const FIXED_SECONDS = 12;
// It needs half a minute to find its margin.
const AUTO_SECONDS = 60;
const BELOW_BEST = 0.003;
const MAX_REFUSED = 0.001;

type Cell = { readonly jitterMs: number; readonly margin: Margin };

const nameOf = ({ jitterMs, margin }: Cell): string =>
  `margin ${shownMargin(margin)}, jitter of ${jitterMs} ms`;

export const jitter: Bench = {
  name: 'jitter',
  summary: 'the same with requests that are delayed on their way, for several margins',
  run: async (setting) => {
    const { quick } = setting;
    const fixed: readonly Margin[] = quick ? [0, 8] : [0, 4, 8, 16, 25, 50];
    const margins = [...fixed, ...AUTO];
    const jitters = quick ? [0, 20] : [0, 5, 20, 50];
    const runs = await measured(
      jitters.flatMap((jitterMs) => margins.map((margin) => ({ jitterMs, margin }))),
      setting,
    );
    const of = (cell: Cell): readonly Kept[] => runs[nameOf(cell)] ?? [];
    const line = (jitterMs: number, share: typeof answeredShare): Chart['lines'][number] => ({
      name: `jitter of ${jitterMs} ms`,
      points: fixed.map((margin) => [
        Number(margin),
        share(of({ jitterMs, margin }), secondsOf(margin, setting)) * 100,
      ]),
    });
    const x = { title: '--rate-margin, ms' };
    return {
      figures: jitters.flatMap((jitterMs) =>
        AUTO.flatMap((margin) => {
          const best = bestFixed((one) => of({ jitterMs, margin: one }), margins, secondsOf(0, setting));
          return autoFigures(of({ jitterMs, margin }), jitterMs, best, secondsOf(margin, setting));
        }),
      ),
      tables: [
        {
          title:
            `Quota of ${QUOTA} answered / calls refused, %, by margin (down) and jitter before arrival (across); arrivals ` +
            judgeOf(Object.values(runs).flat()),
          columns: ['margin', ...jitters.map((jitterMs) => `${jitterMs} ms`)],
          rows: margins.map((margin) => [
            shownMargin(margin),
            ...jitters.map((jitterMs) =>
              answeredAndRefused(of({ jitterMs, margin }), secondsOf(margin, setting)),
            ),
          ]),
        },
      ],
      charts: [
        {
          name: 'margin-used',
          title: 'Quota answered, by margin and jitter before arrival',
          x,
          y: { title: '% of the quota, from 90 on', from: 90, upTo: 100 },
          lines: jitters.map((jitterMs) => line(jitterMs, answeredShare)),
        },
        {
          name: 'margin-refused',
          title: 'Calls refused, by margin and jitter before arrival',
          x,
          y: { title: '% of all calls' },
          lines: jitters.map((jitterMs) => line(jitterMs, refusedShare)),
        },
      ],
    };
  },
};

const measured = (
  cells: readonly Cell[],
  { quick, directory, say }: Setting,
): Promise<Record<string, Kept[]>> =>
  inTurn(
    Object.fromEntries(
      cells.map((cell) => [
        nameOf(cell),
        () =>
          pacedRun(directory, {
            rate: QUOTA,
            margin: cell.margin,
            jitter: [{ fromSecond: 0, jitterMs: cell.jitterMs }],
            isBlocked: false,
            seconds: quick ? 6 : cell.margin === 'auto' ? AUTO_SECONDS : FIXED_SECONDS,
          }),
      ]),
    ),
    quick ? 1 : 2,
    say,
  );

/** The pace begins lower; a whole run hardly notices, these short ones would. */
const secondsOf = (margin: Margin, { quick }: Setting): Seconds => [
  margin === 'auto' && !quick ? AUTO_SECONDS / 2 : 2,
];

function autoFigures(
  runs: readonly Kept[],
  jitterMs: number,
  best: ReturnType<typeof bestFixed>,
  seconds: Seconds,
): Figure[] {
  const from = `from second ${seconds[0]} on; ${judgeOf(runs)}`;
  return [
    {
      what: `quota of ${QUOTA} answered, margin auto, jitter of ${jitterMs} ms`,
      against: `the best fixed margin, ${shownMargin(best.margin)}: ${(best.answered * 100).toFixed(2)} %`,
      unit: 'share',
      value: spreadOf(runs.map((run) => answeredShare([run], seconds))),
      reach: { least: best.answered - BELOW_BEST },
      detail: from,
    },
    {
      what: `calls refused, margin auto, jitter of ${jitterMs} ms`,
      against: 'all calls',
      unit: 'share',
      value: spreadOf(runs.map((run) => refusedShare([run], seconds))),
      reach: { most: MAX_REFUSED },
      detail: from,
    },
  ];
}
