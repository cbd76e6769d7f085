import type pg from 'pg';
import { columnNames } from '../../../rows/table.ts';
import { exportedUsers, rowTables, unexportedUsers } from '../../../rows/tables.ts';
import { addCounts, NO_COUNTS, type RunCounts } from '../../contract/counts.ts';
import type { ChunkResult } from '../../contract/destination.ts';
import { copyIn, copyText } from '../ledger/copy.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';
import type { PostgresUser } from './encode-user.ts';
import { keepVersions } from './history.ts';
import { asPostgresUser, knownUsers, toBeRemoved } from './known-users.ts';
import { RowChanges } from './row-changes.ts';

/** The run and the schema of a chunk. */
export type CommitTarget = {
  readonly tables: SchemaTables;
  readonly runId: number;
  readonly sdkAppId: number;
  /** Whether every version of the rows is kept. */
  readonly keepsHistory: boolean;
};

/**
 * Writes the rows of a chunk's users, inside the open transaction of `client`. Users without changes cost no write. Users without
 * earlier rows are copied straight in. The rest is merged. Only rows of completely pulled users are ever removed.
 */
export async function writeChunk(
  client: pg.ClientBase,
  { tables, runId, sdkAppId, keepsHistory }: CommitTarget,
  result: ChunkResult,
): Promise<RunCounts> {
  const exported = result.exported.map(asPostgresUser);
  const gone = toBeRemoved(result);
  const known = await knownUsers(client, tables, sdkAppId, [
    ...exported.map(({ userId }) => userId),
    ...gone,
  ]);
  const fresh: PostgresUser[] = [];
  const changed: PostgresUser[] = [];
  let cutToRound = 0;
  let emptied = gone.filter((userId) => total(known.get(userId)?.rows) > 0).length;
  for (const user of exported) {
    const before = known.get(user.userId);
    if (before === undefined) fresh.push(user);
    else if (before.hash === null || !before.hash.equals(user.hash)) {
      changed.push(user);
      if (total(before.rows) > 0 && total(user.rows) === 0) emptied += 1;
      if (isCutToRound(before.rows.conversations, user.rows.conversations)) cutToRound += 1;
    }
  }

  const work = new RowChanges();
  const changedIds = changed.map((user) => user.userId);
  for (const { name } of rowTables) {
    const merge = tables.merge[name];
    await copyUsers(client, merge.copyToTable, name, fresh);
    const copied = fresh.reduce((sum, user) => sum + user.rows[name], 0);
    work.note(name, { added: copied });
    if (changed.length === 0) continue;
    await copyUsers(client, merge.copyToStage, name, changed);
    const { rowCount: removed } = await client.query(merge.removeVanished, [sdkAppId, changedIds]);
    const { rowCount: written } = await client.query(merge.writeChanged);
    const growth = changed.reduce(
      (sum, { userId, rows }) => sum + rows[name] - (known.get(userId)?.rows[name] ?? 0),
      0,
    );
    // The statement does not say which of the written rows are new.
    const added = Math.min(written ?? 0, Math.max(0, growth + (removed ?? 0)));
    work.note(name, { added, updated: (written ?? 0) - added, removed: removed ?? 0 });
  }
  await copyExportedUsers(client, tables, runId, fresh);
  await updateExportedUsers(client, tables, runId, sdkAppId, changed);
  work.note(exportedUsers.name, { added: fresh.length, updated: changed.length });

  if (result.unexported.length > 0) {
    const columns = columnNames(unexportedUsers);
    const statement = `copy ${tables.unexportedUsers} (${columns.join(', ')}, run_id) from stdin`;
    await copyIn(client, statement, [copyText(columns, result.unexported, runId)]);
    work.note(unexportedUsers.name, { added: result.unexported.length });
  }
  if (gone.length > 0) {
    for (const { name } of rowTables) {
      const removed = await client.query(tables.merge[name].removeUsers, [sdkAppId, gone]);
      work.note(name, { removed: removed.rowCount ?? 0 });
    }
    const removed = await client.query(
      `delete from ${tables.exportedUsers} where sdk_app_id = $1 and user_id = any($2)`,
      [sdkAppId, gone],
    );
    work.note(exportedUsers.name, { removed: removed.rowCount ?? 0 });
  }
  if (keepsHistory) {
    await keepVersions(client, tables, { runId, sdkAppId }, [
      ...fresh,
      ...changed,
      ...gone.map((userId) => ({ userId, pulledAt: null })),
    ]);
  }
  const unchanged = exported.length - fresh.length - changed.length;
  return addCounts(NO_COUNTS, { unchanged, emptied, cutToRound, ...work.counts() });
}

const total = (rows: PostgresUser['rows'] | undefined): number =>
  rows === undefined ? 0 : rows.conversations + rows.contact_groups + rows.memberships;

// The documented limits of all plans are hundreds.
const isCutToRound = (before: number, after: number): boolean =>
  after < before && after > 0 && after % 100 === 0;

/** Copies the text of one table for each user, unchanged. */
async function copyUsers(
  client: pg.ClientBase,
  statement: string,
  table: (typeof rowTables)[number]['name'],
  users: readonly PostgresUser[],
): Promise<void> {
  const withRows = users.filter(({ rows }) => rows[table] > 0);
  if (withRows.length > 0) await copyIn(client, statement, userTexts(withRows, table));
}

function* userTexts(
  users: readonly PostgresUser[],
  table: (typeof rowTables)[number]['name'],
): Generator<Buffer> {
  for (const user of users) yield* user.text(table);
}

async function copyExportedUsers(
  client: pg.ClientBase,
  tables: SchemaTables,
  runId: number,
  users: readonly PostgresUser[],
): Promise<void> {
  if (users.length === 0) return;
  const columns = [...columnNames(exportedUsers), 'content_hash', 'last_changed_run', 'changed_at'];
  const rows = users.map(({ row, hash }) => ({
    ...row,
    content_hash: `\\x${hash.toString('hex')}`,
    last_changed_run: runId,
    // The start of the transaction, as now() returns it (PostgreSQL's manual, "Date/Time Input", "Special Values").
    changed_at: 'now',
  }));
  const statement = `copy ${tables.exportedUsers} (${columns.join(', ')}) from stdin`;
  await copyIn(client, statement, [copyText(columns, rows)]);
}

async function updateExportedUsers(
  client: pg.ClientBase,
  tables: SchemaTables,
  runId: number,
  sdkAppId: number,
  users: readonly PostgresUser[],
): Promise<void> {
  if (users.length === 0) return;
  const counted = ['conversations', 'contact_groups', 'memberships'] as const;
  await client.query(
    `update ${tables.exportedUsers} e set
       conversations = u.conversations, contact_groups = u.contact_groups, memberships = u.memberships,
       content_hash = u.content_hash, last_changed_run = $2::bigint, changed_at = now()
     from unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[])
       as u(user_id, conversations, contact_groups, memberships, content_hash)
     where e.sdk_app_id = $1::bigint and e.user_id = u.user_id`,
    [
      sdkAppId,
      runId,
      users.map((user) => user.userId),
      ...counted.map((column) => users.map((user) => user.row[column])),
      users.map((user) => user.hash),
    ],
  );
}
