import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { shownMachine } from '../machine.ts';
import { svgOf } from './chart.ts';
import { isReached, shownReach, shownSpread } from './figure.ts';
import type { Result } from './results.ts';
import { markdownTable } from './table.ts';

const BEGIN = '<!-- written by npm run bench -- --write: begin -->';
const END = '<!-- written by npm run bench -- --write: end -->';

/**
 * Puts the results between the two marks of a page, and the pictures into a folder beside it with the page's name.
 * @param order the names of all benches
 * @throws {Error} when a mark is missing from the page
 */
export async function writePage(
  path: string,
  results: readonly Result[],
  order: readonly string[],
): Promise<void> {
  const page = await readFile(path, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${path}: expected the marks ${BEGIN} and ${END}`);
  const sorted = order.flatMap((name) => results.filter(({ bench }) => bench === name));
  const folder = path.replace(/\.md$/, '');
  await mkdir(folder, { recursive: true });
  const charts = sorted.flatMap((result) => result.charts ?? []);
  for (const chart of charts) await writeFile(join(folder, `${chart.name}.svg`), svgOf(chart));
  const pictures = folder.slice(dirname(path).length + 1);
  const text = pageText(sorted, pictures);
  await writeFile(path, `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n${page.slice(end)}`);
}

/** The machines, the figures of all benches, then each bench's tables and pictures. */
export function pageText(results: readonly Result[], pictures: string): string {
  const machines = new Map<string, string[]>();
  for (const { bench, machine, measuredAt } of results) {
    const where = `${shownMachine(machine)}; ${measuredAt.slice(0, 10)}`;
    machines.set(where, [...(machines.get(where) ?? []), `\`${bench}\``]);
  }
  const figures = markdownTable({
    columns: ['what', 'against', 'reach', 'measured: median (least to most)', 'from', 'command'],
    rows: results.flatMap(({ bench, figures }) =>
      figures.map((figure) => [
        figure.what,
        figure.against,
        shownReach(figure.reach, figure.unit),
        `${isReached(figure) === false ? '**not reached:** ' : ''}${shownSpread(figure.value, figure.unit)}`,
        figure.detail,
        `\`npm run bench -- ${bench}\``,
      ]),
    ),
  });
  const parts = results.flatMap(({ tables = [], charts = [] }) => [
    ...tables.map((table) => `**${table.title}**\n\n${markdownTable(table)}`),
    ...charts.map(({ name, title }) => `![${title}](${pictures}/${name}.svg)\n`),
  ]);
  const measuredOn = [...machines].map(([where, names]) => `- ${where}: ${names.join(', ')}\n`).join('');
  return [`Measured on:\n\n${measuredOn}`, figures, ...parts].join('\n');
}
