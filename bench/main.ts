import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeDirectory, removeDirectory } from '../test/support/make-directory.ts';
import type { Bench, Setting } from './bench.ts';
import { benches } from './benches.ts';
import { type BenchCommand, readCommand } from './command-line.ts';
import { shownMachine, thisMachine } from './machine.ts';
import { svgOf } from './report/chart.ts';
import { writePage } from './report/page.ts';
import { keepResult, type Result, readResults } from './report/results.ts';
import { figureTable, shownTable } from './report/table.ts';

type Run = Extract<BenchCommand<Bench>, { readonly kind: 'run' }>;

/**
 * `npm run bench -- [NAME…] [--quick] [--results DIR] [--profiles DIR] [--write]`: runs all benches, or those named.
 * The rivals run only when named. `--write` puts the figures in DIR into docs/performance.md; with no name, without measuring anything.
 */
const command = readCommand(process.argv.slice(2), benches);
if (command.kind === 'run') await runAll(command);
else if (command.kind === 'help') process.stdout.write(command.text);
else {
  process.stderr.write(command.text);
  process.exitCode = 2;
}

async function runAll({ chosen, quick, write, results, profiles }: Run): Promise<void> {
  const folder = resolve(results);
  const file = join(folder, quick ? 'quick.json' : 'results.json');
  const setting = { quick, results: folder, profiles: profiles === null ? null : resolve(profiles) };
  for (const bench of chosen) await run(bench, setting, file);
  if (!write) return;
  const page = resolve(import.meta.dirname, '../docs/performance.md');
  await writePage(
    page,
    await readResults(file),
    benches.map(({ name }) => name),
  );
}

async function run(
  { name, run }: Bench,
  setting: Omit<Setting, 'directory' | 'say'>,
  file: string,
): Promise<void> {
  const directory = await makeDirectory();
  const began = performance.now();
  try {
    const findings = await run({
      ...setting,
      directory,
      say: (text) => process.stderr.write(`${name}: ${text}\n`),
    });
    const result: Result = {
      bench: name,
      quick: setting.quick,
      measuredAt: new Date().toISOString(),
      seconds: Math.round((performance.now() - began) / 1000),
      machine: thisMachine(),
      ...findings,
    };
    await keepResult(file, result);
    await show(result, file);
  } finally {
    await removeDirectory(directory);
  }
}

async function show(
  { bench, machine, figures, tables = [], charts = [], seconds }: Result,
  file: string,
): Promise<void> {
  const folder = dirname(file);
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
