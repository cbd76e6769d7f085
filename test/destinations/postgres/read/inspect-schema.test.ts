import { expect, test } from 'vitest';
import type { Inspection } from '../../../../src/destinations/contract/inspection.ts';
import { inspectSchema } from '../../../../src/destinations/postgres/read/inspect-schema.ts';
import { exitCodes } from '../../../../src/errors/exit-codes.ts';
import { app } from '../../samples.ts';
import { PostgresGround } from '../ground.ts';

const ground = new PostgresGround();

const inspect = (schema: string, url = ground.url): Promise<Inspection> =>
  inspectSchema({
    url,
    name: 'postgres://test',
    schema,
    sdkAppId: app,
    job: 'default',
    runId: null,
    migrate: true,
  });

test('a role without grants is still shown that a run is at work', async () => {
  const schema = ground.schema();
  const run = await ground.open(schema);
  const role = `stranger_${process.pid}`;
  await ground.query(`create role ${role} login`);
  const url = new URL(ground.url);
  url.searchParams.set('user', role);
  const { findings } = await inspect(schema, url.href);
  await ground.query(`drop role ${role}`);
  await run.close();
  expect(findings.map(({ subject, state }) => [subject, state])).toEqual([
    ['database', 'pass'],
    ['rights', 'fail'],
    ['lock', 'fail'],
  ]);
});

test('an inspection that cannot read the runs reports it, and leaves no session behind', async () => {
  const schema = ground.schema();
  await (await ground.open(schema)).close();
  await ground.query(`alter table ${schema}.runs rename column job to task`);
  const { findings, last } = await inspect(schema);
  expect(findings.at(-1)).toMatchObject({
    subject: 'database',
    state: 'fail',
    exitCode: exitCodes.destination,
  });
  expect(findings.at(-1)?.message).toMatch(/column "job" does not exist/);
  expect(last).toBeUndefined();
  const sessions = () =>
    ground.query(
      `select from pg_stat_activity where datname = current_database() and application_name like 'chat-export%'`,
    );
  // A session that was asked to end is soon gone; any other stays.
  await expect.poll(sessions).toEqual([]);
});
