import type pg from 'pg';
import { contentHash } from '../../tables/content-hash.ts';
import { exportedUserRow } from '../../tables/exported-user.ts';
import type { UserRows } from '../../tables/normalize.ts';
import { type Cell, columnNames, type Table } from '../../tables/table.ts';
import {
  contactGroups,
  conversations,
  exportedUsers,
  memberships,
  unexportedUsers,
} from '../../tables/tables.ts';
import { addCounts, NO_COUNTS, type RunCounts } from '../counts.ts';
import type { ChunkResult } from '../destination.ts';
import { copyIn, copyText } from './copy.ts';
import type { SchemaTables } from './schema-tables.ts';

type Rows = readonly Readonly<Record<string, Cell>>[];
type TableRows = readonly (readonly [Table, (user: UserRows) => Rows])[];

const rowsByTable: TableRows = [
  [conversations, (user) => user.conversations],
  [contactGroups, (user) => user.contactGroups],
  [memberships, (user) => user.memberships],
];

/** Whose chunk it is, and where it goes. */
export type CommitTarget = {
  readonly tables: SchemaTables;
  readonly runId: number;
  readonly sdkAppId: number;
};

/**
 * Writes what a chunk's users now have, inside the transaction that is open on `client`. Users whose content is as it
 * was cost no write; users without rows are copied straight in; the rest is merged, and only rows of users pulled whole
 * are ever removed.
 */
export async function writeChunk(
  client: pg.ClientBase,
  { tables, runId, sdkAppId }: CommitTarget,
  result: ChunkResult,
): Promise<RunCounts> {
  const known = await knownHashes(client, tables, sdkAppId, result.exported);
  const fresh: UserRows[] = [];
  const changed: UserRows[] = [];
  const hashes = new Map<string, Buffer>();
  for (const user of result.exported) {
    const hash = contentHash(user);
    const before = known.get(user.userId);
    if (before === undefined) fresh.push(user);
    else if (!before.equals(hash)) changed.push(user);
    else continue;
    hashes.set(user.userId, hash);
  }

  let rowsWritten = 0;
  let rowsRemoved = 0;
  const changedIds = changed.map((user) => user.userId);
  for (const [table, rowsOf] of rowsByTable) {
    const merge = tables.merge[table.name as keyof SchemaTables['merge']];
    const columns = columnNames(table);
    const freshRows = fresh.flatMap(rowsOf);
    await copyIn(client, merge.copyToTable, copyText(columns, freshRows, runId));
    rowsWritten += freshRows.length;
    if (changed.length === 0) continue;
    await copyIn(client, merge.copyToStage, copyText(columns, changed.flatMap(rowsOf)));
    rowsRemoved += (await client.query(merge.removeVanished, [sdkAppId, changedIds])).rowCount ?? 0;
    rowsWritten += (await client.query(merge.writeChanged, [runId])).rowCount ?? 0;
  }
  await writeExportedUsers(client, tables, runId, sdkAppId, [...fresh, ...changed], hashes);

  const copyUnexported = `copy ${tables.unexportedUsers} (${columnNames(unexportedUsers).join(', ')}, run_id) from stdin`;
  await copyIn(client, copyUnexported, copyText(columnNames(unexportedUsers), result.unexported, runId));
  const gone = result.unexported.filter((user) => user.reason === 'not_in_app').map((user) => user.user_id);
  if (result.removeNotInApp && gone.length > 0) {
    for (const { removeUsers } of Object.values(tables.merge)) {
      rowsRemoved += (await client.query(removeUsers, [sdkAppId, gone])).rowCount ?? 0;
    }
    await client.query(`delete from ${tables.exportedUsers} where sdk_app_id = $1 and user_id = any($2)`, [
      sdkAppId,
      gone,
    ]);
  }
  const unchanged = result.exported.length - fresh.length - changed.length;
  return addCounts(NO_COUNTS, { unchanged, rowsWritten, rowsRemoved });
}

async function knownHashes(
  client: pg.ClientBase,
  tables: SchemaTables,
  sdkAppId: number,
  users: readonly UserRows[],
): Promise<Map<string, Buffer>> {
  const { rows } = await client.query<{ user_id: string; content_hash: Buffer }>(
    `select user_id, content_hash from ${tables.exportedUsers} where sdk_app_id = $1 and user_id = any($2)`,
    [sdkAppId, users.map((user) => user.userId)],
  );
  return new Map(rows.map((row) => [row.user_id, row.content_hash]));
}

async function writeExportedUsers(
  client: pg.ClientBase,
  tables: SchemaTables,
  runId: number,
  sdkAppId: number,
  users: readonly UserRows[],
  hashes: ReadonlyMap<string, Buffer>,
): Promise<void> {
  if (users.length === 0) return;
  const columns = columnNames(exportedUsers);
  const rows = users.map((user) => exportedUserRow(user, sdkAppId));
  const counted = ['conversations', 'contact_groups', 'memberships'] as const;
  await client.query(
    `insert into ${tables.exportedUsers} (${columns.join(', ')}, content_hash, changed_run, changed_at)
     select u.user_id, $1::bigint, u.conversations, u.contact_groups, u.memberships, u.content_hash, $2::bigint, now()
     from unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[])
       as u(user_id, conversations, contact_groups, memberships, content_hash)
     on conflict (user_id, sdk_app_id) do update set
       conversations = excluded.conversations, contact_groups = excluded.contact_groups,
       memberships = excluded.memberships, content_hash = excluded.content_hash,
       changed_run = excluded.changed_run, changed_at = excluded.changed_at`,
    [
      sdkAppId,
      runId,
      rows.map((row) => row.user_id),
      ...counted.map((column) => rows.map((row) => row[column])),
      rows.map((row) => hashes.get(row.user_id)),
    ],
  );
}
