import { expect, test } from 'vitest';
import { databaseMigrations } from '../../../src/destinations/postgres/schema/database-migrations.ts';
import { describeServers } from '../../support/servers.ts';
import { applyFirstMigration } from './first-migration.ts';
import { PostgresGround } from './ground.ts';

const TABLES = ['conversations', 'contact_groups', 'memberships', 'exported_users'];

describeServers('migrations', (server) => {
  const ground = new PostgresGround(server);

  test('leave every row of a table in use where it is: none is rewritten', async () => {
    const schema = ground.schema();
    await applyFirstMigration(ground, schema);
    await ground.query(`set search_path to ${schema};
      insert into conversations (user_id, sdk_app_id, conversation_id, conversation_type, peer_id, changed_run)
        select 'u' || i, 1, 'c2c_p', 'c2c', 'p', 1 from generate_series(1, 1000) i;
      insert into contact_groups (user_id, sdk_app_id, contact_group_id, contact_group_name, changed_run)
        select 'u' || i, 1, 7, 'Friends', 1 from generate_series(1, 1000) i;
      insert into memberships (user_id, sdk_app_id, contact_group_id, conversation_id, changed_run)
        select 'u' || i, 1, 7, 'c2c_p', 1 from generate_series(1, 1000) i;
      insert into exported_users (user_id, sdk_app_id, conversations, contact_groups, memberships, changed_run, changed_at,
          content_hash)
        select 'u' || i, 1, 1, 1, 1, 1, now(), 'x' from generate_series(1, 1000) i;
      reset search_path`);
    const places = async () => {
      const found: Record<string, unknown> = {};
      for (const table of TABLES) {
        const name = `${schema}.${table}`;
        found[table] = [
          await ground.query(`select pg_relation_filenode($1::regclass) as file`, [name]),
          await ground.query(`select user_id, ctid, xmin::text from ${name} order by ctid`),
        ];
        expect((found[table] as unknown[][])[1]).toHaveLength(1000);
      }
      return found;
    };
    const before = await places();
    const { applied } = await databaseMigrations({ url: ground.url, name: 'postgres://test', schema }, 'up');
    expect(applied.length).toBeGreaterThan(0);
    expect(await places()).toEqual(before);
  });
});
