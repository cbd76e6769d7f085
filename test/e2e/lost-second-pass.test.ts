import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { runHere } from '../support/command-line.ts';
import { createDatabase } from '../support/database.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { SECRET_KEY } from '../support/simulation.ts';

const LATE_CALL = 3;

/** An API that fails twice for user `late`, and does something before it answers the third time. */
async function apiThat(before: () => Promise<unknown>): Promise<string> {
  let calls = 0;
  const server = createServer(async (request, response) => {
    const { From_Account: userId } = JSON.parse(await text(request)) as { From_Account: string };
    if (userId === 'late') calls += 1;
    if (userId === 'late' && calls < LATE_CALL) {
      response.end(JSON.stringify({ ActionStatus: 'FAIL', ErrorCode: 50004, ErrorInfo: 'busy' }));
      return;
    }
    if (userId === 'late' && calls === LATE_CALL) await before();
    const item = { Type: 1, To_Account: 'peer', Timestamp: 1 };
    response.end(
      JSON.stringify({
        ...{ ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '', ContactItem: [item], GroupItem: [] },
        ...{ CompleteFlag: 1, NextStartIndex: 0 },
      }),
    );
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a run whose second pass the database loses while it is pulled plans it again, and finishes', async () => {
  const database = await createDatabase({ server: '18' });
  onTestFinished(() => database.drop());
  const endpoint = await apiThat(async () => {
    // As a failover to a standby that had only the first pass.
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('delete from chat_export.run_chunks where pass = 2');
    await client.query('update chat_export.runs set second_pass_planned = false');
    await client.end();
  });
  const list = join(await temporaryDirectory(), 'users.txt');
  await writeFile(list, 'one\ntwo\nlate\n');
  const options = ['--sdk-app-id', '1400000000', '--endpoint', endpoint, '--max-attempts', '2', '--json'];
  const run = await runHere(['run', '--users', list, ...options], {
    env: { CHAT_EXPORT_TO: database.url, CHAT_EXPORT_SECRET_KEY: SECRET_KEY },
  });
  expect(run.stderr).toMatch(
    /the server has lost what it had committed .*: 1 users of the plan; it is repeated/,
  );
  expect(run).toMatchObject({ code: 0 });
  expect(JSON.parse(run.stdout)).toMatchObject({ counts: { exported: 3, failed: 0 } });
});
