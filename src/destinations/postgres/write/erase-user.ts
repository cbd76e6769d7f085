import type pg from 'pg';
import { allTables, conversations, memberships, rowTables } from '../../../rows/tables.ts';
import {
  conversationWith,
  ERASED_TEXT,
  type Erased,
  namingUser,
  type UserToErase,
} from '../../contract/erasure.ts';
import {
  newSalt,
  SuppressedUsers,
  type Suppression,
  suppressionDigest,
} from '../../contract/suppressed-users.ts';
import { type SchemaTables, schemaTables } from '../schema/schema-tables.ts';
import { quoteIdentifier } from '../schema/sql-text.ts';

type OfApp = { readonly schema: string; readonly sdkAppId: number };

/** The suppressed users of an app in a schema. */
export async function suppressedUsers(
  client: pg.ClientBase,
  { suppressionSettings, suppressedUsers }: SchemaTables,
  sdkAppId: number,
): Promise<SuppressedUsers> {
  const { rows } = await client.query(
    `select salt, digest, as_peer as "asPeer" from ${suppressionSettings} join ${suppressedUsers} using (sdk_app_id)
     where sdk_app_id = $1`,
    [sdkAppId],
  );
  const [first] = rows;
  return first === undefined
    ? SuppressedUsers.none
    : new SuppressedUsers(String(first.salt), rows as Suppression[]);
}

/** Removes everything that a schema holds of a user of an app, and suppresses the user, inside the open transaction. */
export async function eraseUserRows(
  client: pg.ClientBase,
  { schema, sdkAppId }: OfApp,
  user: UserToErase,
): Promise<Erased> {
  const named = (table: string): string => `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
  const removed: Record<string, number> = {};
  const removedOfOthers: Record<string, number> = {};
  for (const table of [...allTables, ...rowTables.map(({ name }) => ({ name: `${name}_history` }))]) {
    const { rowCount } = await client.query(
      `delete from ${named(table.name)} where sdk_app_id = $1 and user_id = $2`,
      [sdkAppId, user.name],
    );
    removed[table.name] = rowCount ?? 0;
  }
  if (user.asPeer) {
    for (const { name } of [memberships, conversations]) {
      const values = [sdkAppId, conversationWith(user)];
      const { rows } = await client.query(peerStatement(named(name), named('exported_users'), name), values);
      removedOfOthers[name] = Number(rows[0]?.rows);
      const { rowCount } = await client.query(
        `delete from ${named(`${name}_history`)} where sdk_app_id = $1 and conversation_id = $2`,
        values,
      );
      removedOfOthers[`${name}_history`] = rowCount ?? 0;
    }
  }
  const texts = await removeTexts(client, schema, sdkAppId, user);
  const plans = await removeFromPlans(client, schemaTables(schema), sdkAppId, user);
  await addMark(client, schemaTables(schema), sdkAppId, user);
  return { removed, removedOfOthers, texts, plans, abandoned: null };
}

// Without a digest, the next run compares the rows themselves.
const peerStatement = (table: string, exportedUsers: string, counted: string): string =>
  `with gone as (
     delete from ${table} where sdk_app_id = $1 and conversation_id = $2 returning user_id
   ), per_user as (
     select user_id, count(*) as rows from gone group by user_id
   ), counted as (
     update ${exportedUsers} e set ${counted} = e.${counted} - p.rows, content_hash = null
     from per_user p where e.user_id = p.user_id and e.sdk_app_id = $1
   )
   select coalesce(sum(rows), 0) as rows from per_user`;

/** Errors of other users, and of runs, may contain the user's ID. */
async function removeTexts(
  client: pg.ClientBase,
  schema: string,
  sdkAppId: number,
  { name }: UserToErase,
): Promise<number> {
  const { runs, unexportedUsers } = schemaTables(schema);
  const values = [sdkAppId, namingUser(name), ERASED_TEXT];
  const infos = await client.query(
    `update ${unexportedUsers} set error_info = $3 where sdk_app_id = $1 and error_info ~ $2`,
    values,
  );
  const reasons = await client.query(
    `update ${runs} set error = $3 where sdk_app_id = $1 and error ~ $2`,
    values,
  );
  return (infos.rowCount ?? 0) + (reasons.rowCount ?? 0);
}

/**
 * Removes the user from the plans of unfinished runs. A user who is not processed yet leaves the plan's counts. The counts keep a
 * processed user, with null in place of the ID. So the chunks that are still pulled hold no null.
 * @returns the number of runs with the user
 */
async function removeFromPlans(
  client: pg.ClientBase,
  { runs, runChunks }: SchemaTables,
  sdkAppId: number,
  { planned }: UserToErase,
): Promise<number> {
  const { rows } = await client.query(
    `select run_id, bool_or(done) as done from (
       select c.run_id, c.committed_at is not null
                and (c.pass = 2 or not coalesce($2 = any(c.deferred), false)) as done
       from ${runChunks} c join ${runs} r using (run_id)
       where r.sdk_app_id = $1 and r.status = 'running' and $2 = any(c.user_ids)) found
     group by run_id`,
    [sdkAppId, planned],
  );
  for (const { run_id: runId, done } of rows) {
    if (done === true) {
      await client.query(
        `update ${runChunks} set user_ids = array_replace(user_ids, $2, null), deferred = array_replace(deferred, $2, null)
         where run_id = $1 and ($2 = any(user_ids) or $2 = any(deferred))`,
        [runId, planned],
      );
      continue;
    }
    await client.query(
      `update ${runChunks} set user_ids = array_remove(user_ids, $2), deferred = array_remove(deferred, $2),
              user_count = user_count - 1
       where run_id = $1 and $2 = any(user_ids)`,
      [runId, planned],
    );
    await client.query(
      `update ${runs} set users = users - 1, users_suppressed = users_suppressed + 1 where run_id = $1`,
      [runId],
    );
  }
  return rows.length;
}

/** Lets later runs pull a user again. @returns false when the user was not suppressed */
export async function removeMark(
  client: pg.ClientBase,
  { suppressionSettings, suppressedUsers }: SchemaTables,
  sdkAppId: number,
  name: string,
): Promise<boolean> {
  const { rows } = await client.query(`select salt from ${suppressionSettings} where sdk_app_id = $1`, [
    sdkAppId,
  ]);
  const [found] = rows;
  if (found === undefined) return false;
  const { rowCount } = await client.query(
    `delete from ${suppressedUsers} where sdk_app_id = $1 and digest = $2`,
    [sdkAppId, suppressionDigest(String(found.salt), name)],
  );
  return rowCount === 1;
}

async function addMark(
  client: pg.ClientBase,
  { suppressionSettings, suppressedUsers }: SchemaTables,
  sdkAppId: number,
  { name, keyFingerprint, asPeer }: UserToErase,
): Promise<void> {
  await client.query(
    `insert into ${suppressionSettings} (sdk_app_id, salt, key_fingerprint) values ($1, $2, $3)
     on conflict (sdk_app_id) do update set last_erased_at = now(), key_fingerprint = excluded.key_fingerprint`,
    [sdkAppId, newSalt(), keyFingerprint],
  );
  const { rows } = await client.query(`select salt from ${suppressionSettings} where sdk_app_id = $1`, [
    sdkAppId,
  ]);
  await client.query(
    `insert into ${suppressedUsers} as f (sdk_app_id, digest, as_peer) values ($1, $2, $3)
     on conflict (sdk_app_id, digest) do update set as_peer = f.as_peer or excluded.as_peer, suppressed_at = now()`,
    [sdkAppId, suppressionDigest(String(rows[0]?.salt), name), asPeer],
  );
}
