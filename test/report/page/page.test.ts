import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { errorTable } from '../../../src/chat-api/error-table.ts';
import { type PageContent, runPage } from '../../../src/report/page/page.ts';
import { unexportedReasons } from '../../../src/rows/tables.ts';
import { explainCause } from '../../../src/run/events/causes.ts';
import { describeBrowser, openFile, startBrowser, type View } from '../../support/browser.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { content, failedUser, startOf } from './content.ts';

const hostile = `"><img src=x onerror=alert(1)>'</style><script>alert(1)</script>&lt;\u202e`;

// Every text that comes from outside of the program.
const hostilePage: PageContent = {
  ...content,
  record: {
    ...content.record,
    job: hostile,
    endpoint: hostile,
    counts: { ...content.record.counts, failed: 3, failures: { [hostile]: 3 } },
  },
  destination: { name: `csv:/${hostile}`, keepsEarlierRows: false, schema: null },
  ending: { kind: 'failed', error: hostile },
  timeline: {
    ...content.timeline,
    attempts: [
      {
        ...startOf(2),
        buckets: startOf(2).buckets.map((bucket) => ({ ...bucket, errors: { [hostile]: 2 } })),
      },
    ],
  },
  failed: {
    causes: [
      { cause: hostile, count: 3, users: [failedUser(hostile, 60099, { error_info: hostile.repeat(20) })] },
    ],
    unread: hostile,
  },
  settings: {
    areOfThisRun: false,
    settings: [{ name: 'identifier', group: 'App', value: hostile, source: 'file' }],
  },
  warnings: [hostile],
};

test('no text from outside becomes markup', () => {
  const page = runPage(hostilePage);
  expect(page).not.toContain('<img');
  expect(page).not.toContain('<script');
  expect(page).not.toContain('\u202e');
  expect(page.match(/<\/style>/g)).toHaveLength(1);
  expect(page.match(/&quot;&gt;&lt;img src=x onerror=alert\(1\)&gt;&#39;/g)?.length).toBeGreaterThan(12);
});

test('a run without a timeline says so, and shows its counts', () => {
  const { record, timeline } = content;
  const page = runPage({
    ...content,
    record: { ...record, counts: { ...record.counts, errors: { 50004: 12 } } },
    timeline: { ...timeline, attempts: [] },
  });
  expect(page).toContain('This run has no recorded timeline');
  expect(page).not.toContain('role="img"');
  expect(page).toContain('<b>12</b> internal server error');
});

test('failed users of a finished run are pulled again by its number, or that of the run that it retries', () => {
  const { record } = content;
  expect(runPage(content)).toContain('<code>--retry-failed 41</code>, added to the command of the run');
  expect(runPage({ ...content, record: { ...record, retryOfRun: 7 } })).toContain(
    '<code>--retry-failed 7</code>, added',
  );
  expect(runPage({ ...content, record: { ...record, status: 'running' } })).not.toContain(
    'added to the command',
  );
  expect(
    runPage({ ...content, destination: { name: 'csv:/srv/out', keepsEarlierRows: false, schema: null } }),
  ).toContain('The next run of the list pulls them again');
});

test('the command that lists all of them is one that a shell takes', () => {
  expect(runPage({ ...content, destination: { ...content.destination, schema: 'my chats' } })).toContain(
    'show 41 --to postgres://someone@db.example.com/chats --schema &#39;my chats&#39; --json',
  );
});

test('every cause has a description and something to do, as clauses that a sentence is made of', () => {
  const causes = [...errorTable.keys(), ...Object.keys(unexportedReasons), 'network', 'malformed', 99_999];
  for (const cause of causes.map(String)) {
    const { description, hint } = explainCause(cause);
    for (const clause of [description, hint]) expect(clause, cause).toMatch(/^\S.{8,}[^.]$/);
  }
});

test('files have no count of added rows; neither has an older record of a database', () => {
  const { record } = content;
  expect(
    runPage({ ...content, destination: { name: 'csv:/srv/out', keepsEarlierRows: false, schema: null } }),
  ).toContain('This destination holds the rows of one run');
  const older = runPage({
    ...content,
    record: { ...record, counts: { ...record.counts, added: {}, updated: {}, removed: {} } },
  });
  expect(older).toContain('did not count added, changed and removed rows separately');
  expect(older).not.toContain('>Added<');
});

describeBrowser('in a browser', () => {
  let browser: Browser;
  let directory: string;
  beforeAll(async () => {
    browser = await startBrowser();
    directory = await temporaryDirectory();
  });
  const opened = async (what: PageContent, view?: View) => {
    const file = join(directory, 'page.html');
    await writeFile(file, runPage(what));
    return await openFile(browser, file, view);
  };
  const cells = async (page: Page, caption: string): Promise<(string | null)[][]> =>
    await page
      .locator('table', { has: page.locator('caption', { hasText: caption }) })
      .evaluate((table) =>
        [...table.querySelectorAll('tr')].map((row) => [...row.children].map((cell) => cell.textContent)),
      );

  test('a page is quiet, asks for nothing, and says each figure', async () => {
    const { page, complaints } = await opened(content);
    expect(complaints).toEqual([]);
    expect(await page.locator('h1').textContent()).toBe(
      'Run 41 of job nightly is finished, but 2 users failed',
    );
    const figures = await page
      .locator('.figures > div')
      .evaluateAll((all) =>
        all.map((one) => [...one.querySelectorAll('dt, b, span')].map((part) => part.textContent)),
      );
    expect(figures).toEqual([
      ['exported', '3,990', 'of 4,000 users'],
      ['failed', '2', 'under 0.1 %'],
      ['not in the app', '8', 'not a failure'],
      ['rows', '20,691', 'in three tables'],
      ['calls', '6,100', '77 retries'],
      // 100 a second of 200.
      ['rate-limited', '12', 'calls; margin at the end 14 ms'],
      ['quota used', '50.0 %', ''],
      ['at work', '10 min', ''],
    ]);
    expect(await cells(page, 'Rows of the exported users')).toEqual([
      ['Table', 'Rows now', 'Added', 'Changed', 'Removed', 'As before'],
      ['conversations', '12,345', '111', '22', '3', '12,212'],
      ['contact_groups', '456', '0', '0', '0', '456'],
      ['memberships', '7,890', '0', '0', '4', '7,890'],
    ]);
    expect(await cells(page, 'What the run waited for, in all')).toMatchObject([
      {},
      [expect.stringMatching(/^the quota/), '75.0 %', '7 min 30 s'],
      [expect.stringMatching(/^latency/), '15.0 %', '1 min 30 s'],
      [expect.stringMatching(/^backing off/), '10.0 %', '1 min'],
      [expect.stringMatching(/^the destination/), '0.0 %', '0 s'],
    ]);
    const latencies = await cells(page, 'Latency of calls');
    expect(latencies).toHaveLength(11);
    expect(latencies[0]).toEqual(['Time (UTC)', 'p50', 'p95', 'p99']);
    // The upper bounds of the classes that 30 and 300 ms are in.
    expect(latencies[1]).toEqual(['2026-11-26 03:00:00', '36 ms', '331 ms', '331 ms']);
    expect((await cells(page, 'Calls a second'))[10]).toEqual(['2026-11-26 03:09:00', '100', '200']);
    expect((await cells(page, 'Failed calls'))[1]).toEqual(['2026-11-26 03:00:00', '3', '1']);
    const main = (await page.locator('main').textContent()) ?? '';
    for (const text of [
      '5 memberships in a contact group that was never named',
      'the clock is 74 s behind',
      'A group ID could not be resolved: internal error, or the group is gone.',
      'chat-export show 41 --to postgres://someone@db.example.com/chats --json',
    ]) {
      expect(main).toContain(text);
    }
  });

  test('hostile text is shown unchanged, except for direction marks, and does nothing', async () => {
    const { page, complaints } = await opened(hostilePage, { width: 375 });
    expect(complaints).toEqual([]);
    expect(await page.locator('script, img, iframe, link, object').count()).toBe(0);
    expect(await page.locator('.cause th[scope=row]').textContent()).toBe(
      hostile.replace('\u202e', '\\u202e'),
    );
  });

  const manyStarts: PageContent = {
    ...content,
    record: { ...content.record, attempts: 30 },
    timeline: {
      ...content.timeline,
      attempts: Array.from({ length: 30 }, (_, i) =>
        startOf(40, { startedAt: new Date(Date.UTC(2026, 10, 26, i)).toISOString() }),
      ),
    },
  };

  test.each([
    ['a hostile page', hostilePage],
    ['one of many attempts', manyStarts],
  ])('%s needs no scrolling to the side at 375 and 1280 pixels, with all of it unfolded', async (_, what) => {
    const { page } = await opened(what);
    for (const width of [375, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.locator('details').evaluateAll((all) => {
        for (const details of all) details.setAttribute('open', '');
      });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  });

  test.each(['light', 'dark'] as const)(
    'letters can be distinguished from the background in the %s theme',
    async (colorScheme) => {
      const { page } = await opened(
        { ...content, failed: { ...content.failed, unread: 'no' } },
        { colorScheme },
      );
      await page.locator('details').evaluateAll((all) => {
        for (const details of all) details.setAttribute('open', '');
      });
      const script = await readFile(join(import.meta.dirname, 'contrasts.js'), 'utf8');
      const found = await page.evaluate<{ readonly text: string; readonly ratio: number }[]>(script);
      expect(found.length).toBeGreaterThan(100);
      expect(found.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      const [red = 0] = ground.match(/\d+/g)?.map(Number) ?? [];
      expect(colorScheme === 'dark' ? red < 60 : red > 200, ground).toBe(true);
    },
  );

  test('for people who cannot see it, headings are in order, tables have heads, and charts have descriptions', async () => {
    const { page } = await opened(content);
    const levels = await page
      .locator('h1, h2, h3, h4')
      .evaluateAll((all) => all.map(({ tagName }) => Number(tagName.slice(1))));
    expect(levels[0]).toBe(1);
    for (const [i, level] of levels.entries()) expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1);
    expect(await page.locator('table:not(:has(caption))').count()).toBe(0);
    expect(await page.locator('th:not([scope])').count()).toBe(0);
    const words = await page
      .getByRole('img', { name: /\w/ })
      .evaluateAll((all) =>
        all.map((one) => [...one.children].slice(0, 2).map((part) => String(part.textContent))),
      );
    expect(words).toHaveLength(4);
    for (const [title, description] of words) {
      expect(title).toMatch(/\w{4}/);
      expect(description).toMatch(/\w+ \w+ \w+/);
    }
    expect(await page.locator('figure:not(:has(details table))').count()).toBe(0);
    const ids = await page.locator('[id]').evaluateAll((all) => all.map((one) => String(one.id)));
    expect(new Set(ids).size).toBe(ids.length);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });
});
