import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench, Findings } from '../bench.ts';
import type { Figure } from '../report/figure.ts';
import { spreadOf } from '../statistics.ts';
import { courses } from './courses.ts';
import { benchRivals, type Result, type RivalFindings } from './rivals.ts';
import { resultTable } from './table.ts';

const USERS = 20_000;
const USERS_QUICK = 200;
const LIMIT_SECONDS = 3_600;
const LEAST_CPU_RATIO = 3;
const MAX_OVER_IDEAL = 1.015;
const OURS = 'chat-export';
// The engine of Redpanda Connect, in Go.
const IN_GO: ReadonlySet<string> = new Set(['benthos']);

/**
 * The whole job, done by this program and by its rivals. Under the quota only those run that make calls at the same time: the
 * others would take hours, and nothing of it would be their own work.
 */
export const rivals: Bench = {
  name: 'rivals',
  summary: 'the whole job, by this program and by others; needs bench/comparisons/install.sh, takes an hour',
  onlyWhenNamed: true,
  run: async ({ quick, results, say }) => {
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort(new Error('interrupted')));
    const users = quick ? USERS_QUICK : USERS;
    const common = { users, limitSeconds: LIMIT_SECONDS, say, signal: stop.signal };
    const course = (name: string) => courses.filter((one) => one.name === name);
    await mkdir(results, { recursive: true });
    const found = async (name: string, findings: RivalFindings): Promise<void> =>
      writeFile(join(results, `rivals-${name}.json`), `${JSON.stringify(findings, null, 2)}\n`);
    const unthrottled = await benchRivals({
      ...common,
      courses: course('unthrottled'),
      only: [],
      found: (findings) => found('unthrottled', findings),
    });
    const paced = await benchRivals({
      ...common,
      courses: course('200'),
      only: [OURS, 'dlt-tuned', 'meltano-tuned', 'airbyte-tuned', 'benthos-tuned'],
      found: (findings) => found('200', findings),
    });
    for (const { rival, variant, reason } of unthrottled.skipped)
      say(`skipped ${rival} ${variant}: ${reason}`);
    return findingsOf([...paced.results, ...unthrottled.results], users);
  },
};

/** @throws {Error} when this program has no result */
function findingsOf(results: readonly Result[], users: number): Findings {
  const figures = results.flatMap((result): Figure[] => {
    const ours = results.find(({ rival, course }) => rival === OURS && course === result.course);
    if (ours === undefined) throw new Error(`${OURS} has no result on course ${result.course}`);
    const [theirCpu, ourCpu] = [result.measured.cpuSeconds, ours.measured.cpuSeconds];
    const who = `${result.rival} ${result.variant}`;
    const isOurs = result === ours;
    const cpu =
      isOurs || result.rate !== null || theirCpu === null || ourCpu === null
        ? []
        : [
            {
              what: `CPU of ${who}, unthrottled`,
              against: 'chat-export',
              unit: 'ratio' as const,
              value: spreadOf([theirCpu / ourCpu]),
              reach: IN_GO.has(result.rival) ? null : { least: LEAST_CPU_RATIO },
              detail: `${theirCpu.toFixed(0)} against ${ourCpu.toFixed(0)} s for ${users} users, once`,
            },
          ];
    const { rate } = result;
    const wall =
      rate === null
        ? []
        : [
            {
              what: `time of ${who}, at ${rate} calls a second`,
              against: 'the time that the calls take at best',
              unit: 'share' as const,
              value: spreadOf([result.measured.seconds / (ours.report.calls / rate)]),
              reach: isOurs ? { most: MAX_OVER_IDEAL } : null,
              detail: `${result.measured.seconds.toFixed(1)} against ${(ours.report.calls / rate).toFixed(1)} s, ${users} users, once`,
            },
          ];
    return [...wall, ...cpu];
  });
  return { figures, tables: [{ title: `The whole job, ${users} users`, ...resultTable(results) }] };
}
