import type { Bench } from '../bench.ts';
import { inTurn } from '../in-turn.ts';
import { spreadOf } from '../statistics.ts';
import { AUTO, answeredAndRefused, answeredShare, bestFixed, type Seconds, shownMargin } from './margins.ts';
import { judgeOf, type Kept, type Margin, pacedRun } from './paced-run.ts';

const QUOTA = 200;
const FIXED: readonly Margin[] = [8, 25];
const BELOW_BEST = 0.005;

/** A stretch of time with one jitter, seconds. */
type Part = { readonly jitterMs: number; readonly seconds: number };

const PARTS: readonly Part[] = [
  { jitterMs: 0, seconds: 30 },
  { jitterMs: 50, seconds: 90 },
  { jitterMs: 0, seconds: 90 },
];
const QUICK_PARTS: readonly Part[] = PARTS.map(({ jitterMs }) => ({ jitterMs, seconds: 4 }));
// The seconds after it must be as good as the best.
const SECONDS_TO_ADAPT = 60;

export const jitterChange: Bench = {
  name: 'jitter-change',
  summary: 'the same with jitter that comes and goes',
  run: async ({ quick, directory, say }) => {
    const parts = quick ? QUICK_PARTS : PARTS;
    const toAdapt = quick ? 2 : SECONDS_TO_ADAPT;
    const margins = [...FIXED, ...AUTO];
    const begins = parts.map((_, i) => parts.slice(0, i).reduce((sum, { seconds }) => sum + seconds, 0));
    const runs = await inTurn(
      Object.fromEntries(
        margins.map((margin) => [
          shownMargin(margin),
          () =>
            pacedRun(directory, {
              rate: QUOTA,
              margin,
              jitter: parts.map(({ jitterMs }, i) => ({ fromSecond: begins[i] ?? 0, jitterMs })),
              isBlocked: false,
              seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
            }),
        ]),
      ),
      1,
      say,
    );
    const of = (margin: Margin): readonly Kept[] => runs[shownMargin(margin)] ?? [];
    const columns = parts.flatMap(({ jitterMs, seconds }, i): { title: string; seconds: Seconds }[] => {
      const begin = begins[i] ?? 0;
      const end = i === parts.length - 1 ? -1 : begin + seconds;
      // The pace begins lower.
      if (i === 0) return [{ title: `${jitterMs} ms`, seconds: [2, end] }];
      return [
        { title: `${jitterMs} ms, the first ${toAdapt} s`, seconds: [begin, begin + toAdapt] },
        { title: `${jitterMs} ms, then`, seconds: [begin + toAdapt, end] },
      ];
    });
    const judged = judgeOf(Object.values(runs).flat());
    return {
      figures: columns
        .filter(({ title }) => title.endsWith('then'))
        .flatMap(({ title, seconds }) =>
          AUTO.map((margin) => {
            const best = bestFixed(of, margins, seconds);
            return {
              what: `quota of ${QUOTA} answered, margin auto, a minute after jitter became ${title.replace(', then', '')}`,
              against: `the better of the fixed margins, ${shownMargin(best.margin)}: ${(best.answered * 100).toFixed(2)} %`,
              unit: 'share',
              value: spreadOf([answeredShare(of(margin), seconds)]),
              reach: { least: best.answered - BELOW_BEST },
              detail: judged,
            } as const;
          }),
        ),
      tables: [
        {
          title: `Quota of ${QUOTA} answered / calls refused, %, by margin (down), while jitter changes (across); arrivals ${judged}`,
          columns: ['margin', ...columns.map(({ title }) => title)],
          rows: margins.map((margin) => [
            shownMargin(margin),
            ...columns.map(({ seconds }) => answeredAndRefused(of(margin), seconds)),
          ]),
        },
      ],
    };
  },
};
