import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import { beforeAll, expect, test } from 'vitest';
import { runHere } from '../support/command-line.ts';
import { csvDestination, differences, postgresDestination } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import type { ProgramResult } from '../support/program.ts';
import { SECRET_KEY, type Simulation, startSimulation } from '../support/simulation.ts';

let simulation: Simulation;
let ids: readonly string[];
beforeAll(async () => {
  // Odd user IDs are among them: commas, quotes, spaces, and letters of every script.
  simulation = await startSimulation({ users: 60, seed: 77, rate: 1_000, duplicates: 0.1, oddUserIds: 0.5 });
  ids = (await readFile(simulation.users, 'utf8')).trimEnd().split('\n');
});

const env = { CHAT_EXPORT_SECRET_KEY: SECRET_KEY };
const command = (to: string, ...more: string[]): string[] => [
  ...['run', '--to', to, '--endpoint', simulation.url, '--sdk-app-id', '1400000000', '--json', ...more],
];

const csvOf = (): string =>
  `\ufeff${stringify(
    ids.map((user_id, n) => ({ n, user_id, note: n % 2 === 0 ? 'a "note"\nof two lines' : '' })),
    { header: true, record_delimiter: '\r\n' },
  )}`;
const jsonLinesOf = (): string =>
  ids
    .map(
      (user_id, n) =>
        `${JSON.stringify(/^[1-9]\d{0,14}$/.test(user_id) ? Number(user_id) : n % 2 === 0 ? user_id : { n, user_id })}\n`,
    )
    .join('');

test.each<[string, () => string | Buffer, string[]]>([
  ['users.txt', () => `${ids.join('\r\n')}\r\n`, []],
  ['users.txt.gz', () => gzipSync(ids.join('\n')), []],
  ['users.csv', csvOf, []],
  ['users.csv.gz', () => gzipSync(csvOf()), []],
  ['accounts.csv', () => csvOf().replace('user_id', 'Account ID'), ['--user-column', 'Account ID']],
  ['users.jsonl', jsonLinesOf, []],
  ['users.ndjson.gz', () => gzipSync(jsonLinesOf()), []],
])('the list %s is exported to the expected rows', async (name, content, more) => {
  const file = join(await temporaryDirectory(), name);
  await writeFile(file, content());
  const destination = await csvDestination();
  const run = await runHere(command(destination.to, '--users', file, ...more), { env });
  expect(run).toMatchObject({ code: 0 });
  expect(await differences(simulation.expectedDir, destination)).toEqual({});
  const { users, duplicates } = JSON.parse(run.stdout) as Record<string, number>;
  expect({ users, duplicates }).toEqual({ users: 60, duplicates: ids.length - 60 });
});

const facts = ({ stdout }: ProgramResult): Record<string, number> => {
  const { lines, users, users_beyond_limit, duplicates, bad_lines, blank_lines } = JSON.parse(stdout);
  return { lines, users, users_beyond_limit, duplicates, bad_lines, blank_lines };
};

test.each([
  ['csv', csvDestination],
  ['postgres', postgresDestination],
])(
  'in %s, an allowed number of bad lines is skipped and reported, and the lines of the list add up',
  async (_, destinationOf) => {
    const file = join(await temporaryDirectory(), 'users.txt');
    const bad = Array.from({ length: 25 }, (_, n) => `${'x'.repeat(33)}${n}`);
    await writeFile(file, ['', ...ids, '', ...bad, ' '].join('\n'));
    const destination = await destinationOf();
    const args = ['--users', file, '--max-bad-lines', '25', '--limit', '50'];
    const run = await runHere(
      command('-', ...args).filter((arg) => arg !== '--to' && arg !== '-'),
      { env: { ...env, CHAT_EXPORT_TO: destination.to } },
    );
    expect(run).toMatchObject({ code: 0 });
    const reported = run.stderr.split('\n').filter((line) => line.includes('at most 32 bytes'));
    expect(reported).toHaveLength(20);
    expect(reported[0]).toMatch(
      new RegExp(`WARN.*users\\.txt:${ids.length + 3}: a user ID has at most 32 bytes`),
    );
    expect(run.stderr).toMatch(/users\.txt: skipped 25 invalid lines \(--max-bad-lines 25\)/);
    expect(facts(run)).toEqual({
      lines: ids.length + 28,
      users: 50,
      users_beyond_limit: 10,
      duplicates: ids.length - 60,
      bad_lines: 25,
      blank_lines: 3,
    });
    const refused = await runHere(command('csv:refused', '--users', file, '--max-bad-lines', '24'), {
      env,
      cwd: await temporaryDirectory(),
    });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/users\.txt: 25 invalid lines; --max-bad-lines allows 24/);
  },
);
