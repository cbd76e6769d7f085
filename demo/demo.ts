import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type EmbeddedServer, startEmbeddedServer } from '../src/destinations/embedded/server.ts';
import { exportedUsers, rowTables } from '../src/rows/tables.ts';
import type { Report } from '../src/simulator/service/call-recorder.ts';
import { csvRows, postgresRows } from '../test/support/rows.ts';

const USERS = 600;
const RATE = 200;
const PROGRAM = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
// The sample key of the vendor's own README, which the simulator knows by default.
const SECRET_KEY = '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e';

const say = (text = ''): void => void process.stdout.write(`${text}\n`);

const directory = await mkdtemp(join(tmpdir(), 'chat-export-demo-'));
// As root, the database runs under another account, which must be able to pass through.
await chmod(directory, 0o711);
const expectedDir = join(directory, 'expected');

say(`1. A simulator of the API: ${USERS} users, ${RATE} calls a second, and faults of every kind.`);
const simulator = spawn(
  process.execPath,
  [
    PROGRAM,
    'simulate',
    ...[
      '--users',
      String(USERS),
      '--rate',
      String(RATE),
      '--latency',
      '[20, 100]',
      '--expected',
      expectedDir,
    ],
    ...['--not-imported', '0.02', '--endless', '0.005', '--empty', '0.05', '--duplicates', '0.02'],
    ...['--faults', '{50004: 0.01, 50005: 0.01, 60008: 0.005, reset: 0.005, cut: 0.005, http502: 0.005}'],
  ],
  { stdio: ['ignore', 'pipe', 'pipe'] },
);
const judged = collect(simulator.stdout);
const endpoint = await new Promise<string>((resolve, reject) => {
  createInterface({ input: simulator.stderr }).on('line', (line) => {
    const url = /listening on (\S+),/.exec(line)?.[1];
    if (url !== undefined) resolve(url);
  });
  simulator.once('exit', () => reject(new Error('the simulator ended before it was listening')));
});

let passed = false;
let server: EmbeddedServer | null = null;
try {
  say('2. A PostgreSQL server of its own.');
  server = await startEmbeddedServer({ dir: join(directory, 'postgres') });
  say('3. The export:');
  say();
  const run = spawn(
    process.execPath,
    [
      PROGRAM,
      'run',
      ...['--users', join(expectedDir, 'users.txt'), '--endpoint', endpoint, '--sdk-app-id', '1400000000'],
      // A wide margin: this machine is busy with the simulator and the database, too.
      ...['--rate', String(RATE), '--rate-margin', '50', '--max-pages', '50'],
    ],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, CHAT_EXPORT_TO: server.url, CHAT_EXPORT_SECRET_KEY: SECRET_KEY },
    },
  );
  const [exitCode] = (await once(run, 'exit')) as [number | null];
  say();
  say(`   Exit code ${exitCode}: it finished, and the users who failed are listed.`);

  simulator.kill('SIGTERM');
  const report = JSON.parse(await judged) as Report;
  say();
  say('4. The rows in the database, compared with the expected rows:');
  say();
  let equal = true;
  for (const table of [...rowTables, exportedUsers]) {
    const [expected, actual] = [await csvRows(expectedDir, table), await postgresRows(server.url, table)];
    const same = expected.length === actual.length && expected.every((row, i) => row === actual[i]);
    equal &&= same;
    say(
      `   ${table.name.padEnd(16)} ${String(actual.length).padStart(6)} rows, ${same ? 'equal' : 'NOT EQUAL'}`,
    );
  }
  say(
    `   quota            ${report.calls} calls, at most ${report.fullestSecond} of ${RATE} in any 1,000 ms, as they arrived`,
  );
  // Neither is a fault of the export, which counts calls when it sends them.
  if (report.fullestSecond > RATE) {
    say(
      '   Note: calls bunched on their way, since this machine is busy. A larger --rate-margin gives them more room.',
    );
  }
  if (report.notJudged > 0) {
    say(
      `   Note: the simulator stood still for up to ${Math.round(report.longestStallMs)} ms. It cannot judge ${report.notJudged} of the calls.`,
    );
  }
  say();
  await showRows(server.url);
  passed = exitCode === 3 && equal;
  say(passed ? 'The demo passed.' : 'The demo FAILED.');
} finally {
  simulator.kill('SIGKILL');
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
}
if (passed) {
  say();
  say('Next:');
  say('  npx chat-export init                          write your own job');
  say('  npx chat-export run --help                    every option');
  say('  npx chat-export simulate --port 8099 --users 2000 --expected expected');
  say('                                                a simulator to try your own job against');
  say('  jobs/nightly.yaml, jobs/migration.yaml        example jobs');
}
process.exitCode = passed ? 0 : 1;

async function showRows(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const show = async (title: string, sql: string): Promise<void> => {
    const { rows, fields } = await client.query<string[]>({ text: sql, rowMode: 'array' });
    const table = [fields.map((field) => field.name), ...rows.map((row) => row.map(String))];
    const widths = fields.map((_, i) => Math.max(...table.map((row) => (row[i] ?? '').length)));
    say(`   ${title}`);
    for (const row of table)
      say(
        `     ${row
          .map((value, i) => value.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}`,
      );
    say();
  };
  await show(
    'The largest contact groups:',
    `select g.user_id, g.contact_group_name, count(*) as conversations
     from chat_export.contact_groups g join chat_export.memberships m using (user_id, sdk_app_id, contact_group_id)
     where g.contact_group_name ~ '^[ -~]+$'
     group by 1, 2, g.contact_group_id order by 3 desc, 1, 2 limit 4`,
  );
  await show(
    'Users who were not exported, by reason:',
    `select reason, error_code, count(*) as users from chat_export.unexported_users group by 1, 2 order by 3 desc, 1, 2`,
  );
  await client.end();
}

async function collect(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const piece of stream) text += String(piece);
  return text;
}
