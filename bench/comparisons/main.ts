import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { shownMachine, thisMachine } from '../machine.ts';
import { markdownTable } from '../report/table.ts';
import { courses } from './courses.ts';
import { benchRivals, type Course } from './rivals.ts';
import { resultTable } from './table.ts';

/**
 * `tsx bench/comparisons/main.ts [--users 2000] [--course 200|unthrottled|faults|failing]… [--only dlt|dlt-tuned]…
 * [--limit SECONDS] [--json FILE]`, after `npm run build` and `bench/comparisons/install.sh`.
 */
const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '2000' },
    course: { type: 'string', multiple: true, default: ['200', 'unthrottled'] },
    only: { type: 'string', multiple: true, default: [] },
    limit: { type: 'string', default: '7200' },
    json: { type: 'string', default: 'rivals.json' },
  },
});

const stop = new AbortController();
process.once('SIGINT', () => stop.abort(new Error('interrupted')));
const { results, skipped } = await benchRivals({
  users: wholeNumber('users', values.users),
  courses: values.course.map(courseCalled),
  only: values.only,
  limitSeconds: wholeNumber('limit', values.limit),
  say: (text) => process.stderr.write(`${new Date().toISOString()} ${text}\n`),
  found: (findings) =>
    writeFile(values.json, `${JSON.stringify({ machine: thisMachine(), ...findings }, null, 2)}\n`),
  signal: stop.signal,
});
process.stdout.write(
  `${values.users} users on ${shownMachine(thisMachine())}\n\n${markdownTable(resultTable(results))}`,
);
for (const { course, rival, variant, report } of results)
  if (report.wasTheLimit)
    process.stdout.write(
      `${rival} ${variant}, ${course}: the simulator itself was too busy to be measured by\n`,
    );
for (const { rival, variant, reason } of skipped)
  process.stdout.write(`skipped ${rival} ${variant}: ${reason}\n`);
for (const { course, rival, variant, measured } of results)
  if (measured.code !== 0)
    process.stdout.write(
      `\n${rival} ${variant}, ${course}, ended with ${measured.code}:\n${measured.lastWords}\n`,
    );

function courseCalled(name: string): Course {
  const course = courses.find((one) => one.name === name);
  if (course) return course;
  throw new Error(`--course ${name}: expected one of ${courses.map((one) => one.name).join(', ')}`);
}

function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Error(`--${option} ${text}: expected a whole number from 1 to 9999999`);
}
