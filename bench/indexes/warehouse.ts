import { databaseMigrations } from '../../src/destinations/postgres/schema/database-migrations.ts';
import { query } from '../support/postgres.ts';

const GROUPS = 3;
const CONVERSATIONS = 10;
const MEMBERSHIPS = 8;
const RUNS = 10;

/** How many users have so many memberships. */
export const usersWith = (memberships: number): number => Math.ceil(memberships / MEMBERSHIPS);

/**
 * The tables of a destination some runs after its first: each user has ten conversations, eight of them in one of three contact
 * groups; few peers are kept by many, most by few. In each run, one user in a hundred gets other marks.
 */
export async function fillWarehouse(url: string, users: number): Promise<void> {
  await databaseMigrations({ url, name: 'the bench', schema: 'chat_export', caFile: null }, 'up');
  const ids = `select 'user' || lpad(u::text, 10, '0') as user_id, u from generate_series(1, ${users}) u`;
  const each = (count: number): string => `(${ids}) users, generate_series(1, ${count}) n`;
  // The square of an even distribution is uneven: a tenth of the peers are kept by a third of the users.
  const peer = `'user' || lpad((floor(power(abs(hashtext(u || '/' || n)) / 2147483648.0, 2) * ${users}) * ${CONVERSATIONS} + n)::bigint::text, 10, '0')`;
  await query(
    url,
    `set search_path = chat_export;
     insert into conversations
     select user_id, 1400000000, 'c2c_' || peer_id, 'c2c', peer_id, '0000', false, false, false, false, null,
            timestamptz '2026-01-01' + u * interval '1 second', null, 1
     from (select user_id, u, ${peer} as peer_id from ${each(CONVERSATIONS)}) rows;
     insert into contact_groups
     select user_id, 1400000000, n, 'group ' || n, null, 1 from ${each(GROUPS)};
     insert into memberships
     select user_id, 1400000000, 1 + n % ${GROUPS}, 'c2c_' || ${peer}, 1 from ${each(MEMBERSHIPS)};
     insert into exported_users
     select user_id, 1400000000, ${CONVERSATIONS}, ${GROUPS}, ${MEMBERSHIPS}, 1, now(), '' from (${ids}) users`,
  );
  for (let run = 2; run <= RUNS; run += 1) {
    const changed = `hashtext(user_id || '/${run}') % 100 = 0`;
    await query(
      url,
      `set search_path = chat_export;
       update conversations set standard_mark = '0001', is_starred = true, last_changed_run = ${run} where ${changed};
       update exported_users set last_changed_run = ${run}, changed_at = now() where ${changed}`,
    );
    await query(url, 'vacuum chat_export.conversations');
    await query(url, 'vacuum chat_export.exported_users');
  }
  for (const table of ['conversations', 'contact_groups', 'memberships', 'exported_users'])
    await query(url, `vacuum analyze chat_export.${table}`);
}

export const LAST_RUN = RUNS;
