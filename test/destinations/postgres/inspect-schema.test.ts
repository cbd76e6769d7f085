import { expect, test } from 'vitest';
import { inspectSchema } from '../../../src/destinations/postgres/inspect-schema.ts';
import { app } from '../samples.ts';
import { PostgresGround } from './ground.ts';

const ground = new PostgresGround();

test('an inspection that cannot read the runs tells so, and leaves no session behind', async () => {
  const schema = ground.schema();
  await (await ground.open(schema)).close();
  await ground.query(`alter table ${schema}.runs rename column job to task`);
  const { findings, last } = await inspectSchema({
    url: ground.url,
    name: 'postgres://test',
    schema,
    sdkAppId: app,
    job: 'default',
    migrate: true,
  });
  expect(findings.at(-1)).toMatchObject({ subject: 'database', state: 'fail', endsAs: 'destination' });
  expect(findings.at(-1)?.says).toMatch(/column "job" does not exist/);
  expect(last).toBeUndefined();
  const sessions = () =>
    ground.query(
      `select from pg_stat_activity where datname = current_database() and application_name like 'chat-export%'`,
    );
  // A session that was told to end is soon gone; one that was not, never.
  await expect.poll(sessions, { timeout: 5_000 }).toEqual([]);
});
