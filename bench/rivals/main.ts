import { writeFile } from 'node:fs/promises';
import { cpus, release, totalmem, type } from 'node:os';
import { parseArgs } from 'node:util';
import { courses } from './courses.ts';
import { benchRivals } from './rivals.ts';
import { tableOf } from './table.ts';

/**
 * `tsx bench/rivals/main.ts [--users 2000] [--rate 200|unthrottled|faults]… [--only dlt|dlt-tuned]… [--limit SECONDS]
 * [--json FILE]`, after `npm run build` and `bench/rivals/install.sh`.
 */
const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '2000' },
    rate: { type: 'string', multiple: true, default: courses.map(({ name }) => name) },
    only: { type: 'string', multiple: true, default: [] },
    limit: { type: 'string', default: '3600' },
    json: { type: 'string', default: 'rivals.json' },
  },
});

const chosen = courses.filter(({ name }) => values.rate.includes(name));
const { results, skipped } = await benchRivals({
  users: Number(values.users),
  courses: chosen,
  only: values.only,
  limitSeconds: Number(values.limit),
  say: (text) => process.stderr.write(`${new Date().toISOString()} ${text}\n`),
});
const machine = {
  processor: cpus()[0]?.model.trim(),
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 1024 ** 3),
  system: `${type()} ${release()}`,
  node: process.version,
};
await writeFile(values.json, `${JSON.stringify({ machine, results, skipped }, null, 2)}\n`);
process.stdout.write(`${values.users} users\n\n${tableOf(results)}\n`);
for (const { rival, variant, reason } of skipped)
  process.stdout.write(`skipped ${rival} ${variant}: ${reason}\n`);
for (const { course, rival, variant, measured } of results)
  if (measured.code !== 0)
    process.stdout.write(
      `\n${rival} ${variant}, ${course}, ended with ${measured.code}:\n${measured.lastWords}\n`,
    );
