import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { benches } from '../../bench/benches.ts';
import { svgOf } from '../../bench/report/chart.ts';
import { type Figure, isReached, shownReach, shownSpread } from '../../bench/report/figure.ts';
import { writePage } from '../../bench/report/page.ts';
import { keepResult, type Result, readResults } from '../../bench/report/results.ts';
import { figureTable, markdownTable, shownTable } from '../../bench/report/table.ts';
import { spreadOf } from '../../bench/statistics.ts';
import { temporaryDirectory } from '../support/directory.ts';

const figure: Figure = {
  what: 'rows a second',
  against: '`psql`',
  unit: 'ratio',
  value: spreadOf([0.5, 0.71, 0.8]),
  reach: { least: 0.7 },
  detail: '71 against 100',
};

const result = (bench: string, ...figures: Figure[]): Result => ({
  bench,
  quick: false,
  measuredAt: '2026-11-22T03:00:00.000Z',
  seconds: 1,
  machine: { processor: 'Z80', cores: 1, memoryGiB: 1, system: 'CP/M', node: 'v20' },
  figures,
});

test('a figure is shown with its spread, which is left out where nothing differs', () => {
  expect(shownSpread(figure.value, 'ratio')).toBe('0.71 (0.50 to 0.80)');
  expect(shownSpread(spreadOf([0.991, 0.991]), 'share')).toBe('99.10 %');
  expect(shownSpread(spreadOf([17.26]), 'ratio')).toBe('17.3');
  expect(shownSpread(spreadOf([150.4]), 'MiB')).toBe('150 MiB');
});

test('it is the median that reaches what was set out, from below or from above', () => {
  expect(isReached(figure)).toBe(true);
  expect(isReached({ value: spreadOf([0.5, 0.69, 0.8]), reach: { least: 0.7 } })).toBe(false);
  expect(isReached({ value: spreadOf([3]), reach: { most: 3 } })).toBe(true);
  expect(isReached({ value: spreadOf([3.1]), reach: { most: 3 } })).toBe(false);
  expect(isReached({ value: figure.value, reach: null })).toBeNull();
  expect(shownReach({ most: 256 }, 'MiB')).toBe('at most 256 MiB');
});

test('tables are laid out for a screen and for Markdown', () => {
  const table = figureTable('load', [figure]);
  expect(shownTable(table).split('\n')).toEqual([
    'load',
    ' what          | against | measured            | reach         |   | from',
    '---------------+---------+---------------------+---------------+---+----------------',
    ' rows a second | `psql`  | 0.71 (0.50 to 0.80) | at least 0.70 | ✓ | 71 against 100',
    '',
  ]);
  expect(markdownTable({ columns: ['a', 'b'], rows: [['1|2', '3']] })).toBe(
    '| a | b |\n| --- | --- |\n| 1\\|2 | 3 |\n',
  );
});

test('a result takes the place of the former one of its bench alone', async () => {
  const file = join(await temporaryDirectory(), 'results', 'results.json');
  expect(await readResults(file)).toEqual([]);
  await keepResult(file, result('load'));
  await keepResult(file, result('csv'));
  await keepResult(file, result('load', figure));
  expect(await readResults(file)).toEqual([result('csv'), result('load', figure)]);
});

test('a page gets what was measured between its marks, in the order of the benches, and keeps the rest', async () => {
  const page = join(await temporaryDirectory(), 'performance.md');
  await writeFile(page, 'no marks');
  await expect(writePage(page, [result('load')], ['load'])).rejects.toThrow('expected marks for load');
  const [begin, end] = ['begin', 'end'].map(
    (mark) => `<!-- written by npm run bench -- --write: ${mark} -->`,
  );
  await writeFile(page, `Before.\n\n${begin}\nold\n${end}\n\nAfter.\n`);
  const chart = {
    name: 'rate',
    title: 'Rate',
    x: { title: 's' },
    y: { title: 'calls' },
    lines: [{ name: 'a', points: [[0, 1]] }],
  } as const;
  await writePage(
    page,
    [{ ...result('load', figure), charts: [chart] }, result('rate')],
    ['rate', 'load', 'csv'],
  );
  const text = await readFile(page, 'utf8');
  expect(text).toMatch(/^Before\.\n\n<!--.*-->\n\nMeasured on:\n\n- Z80.*2026-11-22: `rate`, `load`\n/);
  expect(text).toContain(
    '| rows a second | `psql` | at least 0.70 | 0.71 (0.50 to 0.80) | 71 against 100 | `npm run bench -- load` |',
  );
  expect(text).toContain('![Rate](performance/rate.svg)');
  expect(text).toMatch(/<!--.*-->\n\nAfter\.\n$/);
  expect(text).not.toContain('old');
  expect(await readFile(page.replace('.md', '/rate.svg'), 'utf8')).toContain('<svg');
});

test('a part of a page with names has the results of these benches alone, and stays without one', async () => {
  const page = join(await temporaryDirectory(), 'performance.md');
  const part = (names: string, text: string): string =>
    `<!-- written by npm run bench -- --write: begin${names} -->\n${text}\n<!-- written by npm run bench -- --write: end -->\n`;
  await writeFile(page, `${part(' rate jitter-change', 'old rate')}Between.\n${part('', 'old rest')}`);
  const order = ['rate', 'jitter-change', 'load'];
  await writePage(page, [result('load', { ...figure, what: 'new rest' })], order);
  const withRest = await readFile(page, 'utf8');
  expect(withRest).toMatch(
    /begin rate jitter-change -->\nold rate\n<!--.*end -->\nBetween\.\n<!--.*\| new rest \|/s,
  );
  await writePage(page, [result('jitter-change', { ...figure, what: 'new jitter' })], order);
  const withBoth = await readFile(page, 'utf8');
  expect(withBoth).toMatch(
    /begin rate jitter-change -->.*\| new jitter \|.*Between\.\n<!--.*\| new rest \|/s,
  );
  expect(withBoth).not.toContain('old');
});

test('a chart has its points where its axes say', () => {
  const svg = svgOf({
    name: 'memory',
    title: 'Memory < 256 & flat',
    x: { title: 'users', logarithmic: true },
    y: { title: 'MiB', upTo: 200 },
    lines: [
      {
        name: 'peak',
        points: [
          [10, 50],
          [100, 100],
          [1_000, 200],
        ],
      },
    ],
  });
  // The axes begin 64 from the left and 52 from the bottom, and end 170 from the right and 40 from the top.
  expect(svg).toContain('points="64,241 327,174 590,40"');
  expect(svg).toContain('Memory &lt; 256 &amp; flat');
  expect(svg).toContain('>1,000</text>');
  expect(() => svgOf({ name: '', title: 'none', x: { title: '' }, y: { title: '' }, lines: [] })).toThrow(
    'nothing to draw',
  );
});

test('every bench has a name of its own and says what it measures', () => {
  const names = benches.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { summary } of benches) expect(summary).toMatch(/\w/);
});
