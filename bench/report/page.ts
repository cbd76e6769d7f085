import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { shownMachine } from '../machine.ts';
import { svgOf } from './chart.ts';
import { isReached, shownReach, shownSpread } from './figure.ts';
import type { Result } from './results.ts';
import { markdownTable } from './table.ts';

const MARK = 'written by npm run bench -- --write';
// A part with names has the results of these benches, the part without has all others.
const PART = new RegExp(`(<!-- ${MARK}: begin(?: ([\\w -]*\\w))? -->).*?(<!-- ${MARK}: end -->)`, 'gs');

/**
 * Puts the results between the marks of a page, and the pictures into a folder beside it with the page's name. A part stays
 * as it is when none of its benches has a result.
 * @param order the names of all benches
 * @throws {Error} when the page has no part for a result
 */
export async function writePage(
  path: string,
  results: readonly Result[],
  order: readonly string[],
): Promise<void> {
  const page = await readFile(path, 'utf8');
  const named = new Set([...page.matchAll(PART)].flatMap(([, , names]) => names?.split(' ') ?? []));
  const homeless = new Set(results);
  const folder = path.replace(/\.md$/, '');
  const pictures = folder.slice(dirname(path).length + 1);
  const written = page.replace(PART, (part, begin: string, names: string | undefined, end: string) => {
    const own = names?.split(' ') ?? order.filter((name) => !named.has(name));
    const sorted = order.flatMap((name) =>
      results.filter(({ bench }) => bench === name && own.includes(name)),
    );
    for (const result of sorted) homeless.delete(result);
    return sorted.length === 0 ? part : `${begin}\n\n${pageText(sorted, pictures)}\n${end}`;
  });
  const [lost] = homeless;
  if (lost !== undefined)
    throw new Error(`${path}: expected marks for ${lost.bench}, as <!-- ${MARK}: begin -->`);
  await mkdir(folder, { recursive: true });
  const charts = results.flatMap((result) => result.charts ?? []);
  for (const chart of charts) await writeFile(join(folder, `${chart.name}.svg`), svgOf(chart));
  await writeFile(path, written);
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
