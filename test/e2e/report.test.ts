import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { rowTables } from '../../src/rows/tables.ts';
import { describeBrowser, openFile, startBrowser } from '../support/browser.ts';
import { runHere } from '../support/command-line.ts';
import { createDatabase } from '../support/database.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { postgresRows } from '../support/rows.ts';
import { runAgainst, SECRET_KEY, startSimulation } from '../support/simulation.ts';
import { whenOver } from '../support/when-over.ts';

const FAST = ['--rate', '1000', '--max-attempts', '2'];

/** A table of a page by its caption, without its first row. */
const table = (page: Page, caption: string): Promise<string[][]> =>
  page
    .locator('table', { has: page.locator('caption', { hasText: caption }) })
    .evaluate((one) =>
      [...one.querySelectorAll('tbody tr')].map((row) =>
        [...row.children].map((cell) => String(cell.textContent)),
      ),
    );

const number = (text: string | undefined): number => Number(text?.replaceAll(',', ''));

describeBrowser('the page of a run', () => {
  test('of a second run agrees with the result, the rows and the API, and report RUN makes it again', async () => {
    const simulation = await startSimulation({
      users: 300,
      rate: 1_000,
      changed: 0.3,
      failingFromDay2: 0.03,
      notImportedFromDay2: 0.02,
      faults: { '50004': 0.05 },
    });
    const { url } = await createDatabase();
    const { args, env } = runAgainst(simulation, url, ...FAST, '--json');
    expect((await runHere(args, { env })).code).toBe(0);
    const rowsBefore = await Promise.all(rowTables.map((one) => postgresRows(url, one)));

    const callsBefore = (await simulation.report()).calls;

    await simulation.change({ day: 2 });
    const place = await temporaryDirectory();
    const file = join(place, 'night.html');
    const { code, stdout, stderr } = await runHere([...args, '--report', file], { env });
    expect(code, stderr).toBe(3);
    expect(await readdir(place)).toEqual(['night.html']);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain(SECRET_KEY);
    const { password } = new URL(url);
    if (password !== '') expect(text).not.toContain(password);

    const { counts, this_attempt: start } = JSON.parse(stdout);
    const browser = await startBrowser();
    const { page, complaints } = await openFile(browser, file, { width: 375, colorScheme: 'dark' });
    expect(complaints).toEqual([]);
    for (const width of [375, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
    expect(await page.locator('h1').textContent()).toBe(
      `Run 2 of job default is finished, but ${counts.failed} users failed`,
    );

    // The added, changed and removed rows, against the rows themselves.
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    whenOver(() => client.end());
    const all = [0, 0, 0];
    for (const [i, cells] of (await table(page, 'Rows of the exported users')).entries()) {
      const [name, , added, changed, removed] = cells;
      const { rows } = await client.query(
        `select count(*) from chat_export.${name} where last_changed_run = 2 and sdk_app_id = 1400000000`,
      );
      const after = await postgresRows(url, rowTables[i] ?? rowTables[0]);
      expect(name).toBe(rowTables[i]?.name);
      expect(number(added) + number(changed), name).toBe(Number(rows[0].count));
      expect(number(added) - number(removed), name).toBe(after.length - (rowsBefore[i]?.length ?? 0));
      for (const [j, cell] of [added, changed, removed].entries()) all[j] = (all[j] ?? 0) + number(cell);
    }
    expect(
      all.every((count) => count > 0),
      all.join(),
    ).toBe(true);

    // Each failed user, with the code that the API gave.
    const shown: string[][] = [];
    for (const section of await page.locator('.cause').all()) {
      const cause = (await section.locator('h3').textContent())?.split(' ')[0] ?? '';
      const users = await section
        .locator('tbody th')
        .evaluateAll((all) => all.map((one) => String(one.textContent)));
      shown.push(...users.map((user) => [user, cause]));
      expect((await section.locator('dd').last().textContent())?.length).toBeGreaterThan(20);
    }
    const { rows: failed } = await client.query(
      `select user_id, error_code from chat_export.unexported_users where run_id = 2 and reason <> 'not_in_app'`,
    );
    expect(shown.sort()).toEqual(failed.map((row) => [row.user_id, String(row.error_code)]).sort());
    expect(shown).toHaveLength(counts.failed);

    // All calls of the start are in the picture, and all that failed.
    const failedCalls = (await table(page, 'Failed calls')).flatMap(([, ...byCode]) => byCode.map(number));
    expect(failedCalls.reduce((sum, count) => sum + count, 0)).toBe(start.failed_calls);
    // Also those by which the run asked whether the API has recovered.
    const calls = (await simulation.report()).calls - callsBefore;
    expect(await page.locator('main').textContent()).toContain(
      `: ${calls.toLocaleString('en-US')} calls were sent`,
    );

    const again = await runHere(['report', '2', '--to', url], { env: {} });
    expect(again.code, again.stderr).toBe(0);
    const pictures = (html: string): string[] => html.match(/<svg[\s\S]*?<\/figure>/g) ?? [];
    expect(pictures(again.stdout)).toEqual(pictures(text));
    expect(pictures(text).length).toBeGreaterThanOrEqual(4);
    expect(again.stdout).toContain('A run does not record its options');
  });
});

test('a run that comes to a halt leaves its page, which says why', async () => {
  const simulation = await startSimulation({ users: 400, rate: 1_000, failing: 0.3 });
  const place = await temporaryDirectory();
  const file = join(place, 'night.html');
  const { args, env } = runAgainst(
    simulation,
    `csv:${join(place, 'export')}`,
    ...FAST,
    ...['--max-failed-users', '20', '--chunk-size', '20', '--report', file],
  );
  const { code, stderr } = await runHere(args, { env });
  expect(code, stderr).toBe(6);
  const page = await readFile(file, 'utf8');
  expect(page).toMatch(/<h1>Run 1 of job default failed: [^<]*<\/h1>/);
  expect(page).toContain('still to do');
  // The page of report has the same content.
  const output = join(place, 'again.html');
  const again = await runHere(['report', '1', '--to', `csv:${join(place, 'export')}`, '--output', output]);
  expect(again, again.stderr).toMatchObject({ code: 0, stdout: '' });
  expect((await stat(output)).mode & 0o777).toBe(0o600);
  const heading = (html: string): string | undefined => /<h1>.*<\/h1>/.exec(html)?.[0];
  expect(heading(await readFile(output, 'utf8'))).toBe(heading(page));
});

test('a page that cannot be written is a warning, and the run ends as it would have', async () => {
  const simulation = await startSimulation({ users: 10, rate: 1_000 });
  const place = await temporaryDirectory();
  await writeFile(join(place, 'file'), '');
  const file = join(place, 'file', 'night.html');
  const { args, env } = runAgainst(simulation, `csv:${join(place, 'export')}`, ...FAST, '--report', file);
  const { code, stderr } = await runHere(args, { env });
  expect(code, stderr).toBe(0);
  expect(stderr.match(/WARN.*$/gm)).toEqual([
    expect.stringMatching(/--report .+night\.html cannot be written now \(/),
    expect.stringMatching(
      /--report .+night\.html cannot be written: a part of its path is not a directory \(ENOTDIR\)/,
    ),
  ]);
});

test('an attempt that opens no run does not touch the page of the last one', async () => {
  const place = await temporaryDirectory();
  const file = join(place, 'night.html');
  await writeFile(file, 'the last one');
  const { code } = await runHere(
    [
      ...['run', '--users', 'none.txt', '--to', 'csv:out', '--region', 'china', '--sdk-app-id', '1400000000'],
      ...['--report', file],
    ],
    { env: { CHAT_EXPORT_SECRET_KEY: SECRET_KEY }, cwd: place },
  );
  expect(code).toBe(2);
  expect(await readFile(file, 'utf8')).toBe('the last one');
});

test('report refuses an invalid run, page or place', async () => {
  const simulation = await startSimulation({ users: 5, rate: 1_000 });
  const to = `csv:${join(await temporaryDirectory(), 'export')}`;
  const { args, env } = runAgainst(simulation, to, ...FAST);
  await runHere(args, { env });
  const ofReport = async (...more: string[]) => {
    const { code, stdout, stderr } = await runHere(['report', ...more, '--to', to]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    return stderr;
  };
  expect(await ofReport('7')).toContain('holds no run 7');
  expect(await ofReport('first')).toContain('first');
  expect(await ofReport('1', '--output', 'users.txt')).toContain('expected a file that ends in .html');
  expect(await ofReport('1', '--output', '/nowhere/at/all.html')).toContain(
    'cannot be written: its directory does not exist (ENOENT)',
  );
});

test('report shows the options of a job file, as they are today', async () => {
  const simulation = await startSimulation({ users: 5, rate: 1_000 });
  const place = await temporaryDirectory();
  const { args, env } = runAgainst(simulation, `csv:${join(place, 'export')}`, ...FAST);
  await runHere(args, { env });
  await writeFile(join(place, 'nightly.yaml'), 'to: csv:export\nrate: 123\nname: default\n');
  const { code, stdout, stderr } = await runHere(['report', '1', 'nightly.yaml'], { cwd: place });
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('As in the job file and the environment when this page was written');
  expect(stdout).toMatch(/<code>rate<\/code><\/th><td>123<\/td><td>job file<\/td>/);
});
