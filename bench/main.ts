import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeDirectory, removeDirectory } from '../test/support/make-directory.ts';
import { benches } from './benches.ts';
import { shownMachine, thisMachine } from './machine.ts';
import { svgOf } from './report/chart.ts';
import { writePage } from './report/page.ts';
import { keepResult, type Result, readResults } from './report/results.ts';
import { figureTable, shownTable } from './report/table.ts';

/**
 * `npm run bench -- [NAME…] [--quick] [--results DIR] [--profiles DIR] [--write]`: runs all benches, or those named.
 * The rivals run only when named. `--write` puts the figures in DIR into docs/performance.md; with no name, without measuring anything.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    results: { type: 'string', default: 'bench/results' },
    profiles: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

const names = benches.map(({ name }) => name);
const page = resolve(import.meta.dirname, '../docs/performance.md');
const folder = resolve(values.results);
const file = join(folder, values.quick ? 'quick.json' : 'results.json');

const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  const list = benches.map(({ name, summary }) => `  ${name.padEnd(8)} ${summary}\n`).join('');
  process.stderr.write(`no bench is called ${unknown.join(', ')}; there are:\n${list}`);
  process.exitCode = 2;
} else if (values.write && values.quick) {
  process.stderr.write('--write: rough figures do not belong into the page; leave --quick out\n');
  process.exitCode = 2;
} else {
  const onlyWrites = values.write && positionals.length === 0;
  const chosen = benches.filter(({ name, onlyWhenNamed }) =>
    positionals.length === 0 ? onlyWhenNamed !== true : positionals.includes(name),
  );
  for (const bench of onlyWrites ? [] : chosen) await run(bench);
  if (values.write) await writePage(page, await readResults(file), names);
}

async function run({ name, run }: (typeof benches)[number]): Promise<void> {
  const directory = await makeDirectory();
  const began = performance.now();
  try {
    const findings = await run({
      quick: values.quick,
      directory,
      results: folder,
      profiles: values.profiles === undefined ? null : resolve(values.profiles),
      say: (text) => process.stderr.write(`${name}: ${text}\n`),
    });
    const result: Result = {
      bench: name,
      quick: values.quick,
      measuredAt: new Date().toISOString(),
      seconds: Math.round((performance.now() - began) / 1000),
      machine: thisMachine(),
      ...findings,
    };
    await keepResult(file, result);
    await show(result);
  } finally {
    await removeDirectory(directory);
  }
}

async function show({ bench, machine, figures, tables = [], charts = [], seconds }: Result): Promise<void> {
  const title = `\n${bench}, in ${seconds} s on ${shownMachine(machine)}`;
  for (const table of [figureTable(title, figures), ...tables])
    process.stdout.write(`${shownTable(table)}\n`);
  await mkdir(folder, { recursive: true });
  for (const chart of charts) {
    const path = join(folder, `${chart.name}.svg`);
    await writeFile(path, svgOf(chart));
    process.stdout.write(`${path}\n`);
  }
  process.stdout.write(`${file}\n`);
}
