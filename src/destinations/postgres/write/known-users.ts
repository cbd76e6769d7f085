import type pg from 'pg';
import { rowTables } from '../../../rows/tables.ts';
import type { ChunkResult, RowChange } from '../../contract/destination.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';
import { PostgresUser } from './encode-user.ts';

/** A user who was exported before. `hash` is null when rows of the user were erased since. */
export type KnownUser = { readonly hash: Buffer | null; readonly rows: PostgresUser['rows'] };

const NO_ROWS: PostgresUser['rows'] = { conversations: 0, contact_groups: 0, memberships: 0 };

/** The users among these who were exported before. */
export async function knownUsers(
  client: pg.ClientBase,
  tables: SchemaTables,
  sdkAppId: number,
  userIds: readonly string[],
): Promise<Map<string, KnownUser>> {
  const { rows } = await client.query(
    `select user_id, content_hash, conversations, contact_groups, memberships from ${tables.exportedUsers}
     where sdk_app_id = $1 and user_id = any($2)`,
    [sdkAppId, userIds],
  );
  return new Map(
    rows.map(({ user_id, content_hash, conversations, contact_groups, memberships }) => [
      String(user_id),
      {
        hash: content_hash as Buffer | null,
        rows: {
          conversations: Number(conversations),
          contact_groups: Number(contact_groups),
          memberships: Number(memberships),
        },
      },
    ]),
  );
}

/** Users of a chunk whose rows are removed because they left the app. */
export const toBeRemoved = ({ removeNotInApp, unexported }: ChunkResult): string[] =>
  removeNotInApp
    ? unexported.filter(({ reason }) => reason === 'not_in_app').map(({ user_id }) => user_id)
    : [];

/** How many exported users the commit of a chunk would remove. */
export async function usersToRemove(
  client: pg.ClientBase,
  tables: SchemaTables,
  sdkAppId: number,
  result: ChunkResult,
): Promise<number> {
  return (await knownUsers(client, tables, sdkAppId, toBeRemoved(result))).size;
}

/** The effect of a chunk's commit on the rows of its users. */
export async function previewCommit(
  client: pg.ClientBase,
  tables: SchemaTables,
  sdkAppId: number,
  result: ChunkResult,
): Promise<RowChange[]> {
  const after = new Map(result.exported.map((user) => [user.userId, asPostgresUser(user).rows]));
  for (const userId of toBeRemoved(result)) after.set(userId, NO_ROWS);
  const known = await knownUsers(client, tables, sdkAppId, [...after.keys()]);
  return [...after].map(([userId, rows]) => rowChange(known.get(userId)?.rows ?? NO_ROWS, rows));
}

function rowChange(before: PostgresUser['rows'], after: PostgresUser['rows']): RowChange {
  const change = { before: 0, after: 0, lost: 0 };
  for (const { name } of rowTables) {
    change.before += before[name];
    change.after += after[name];
    change.lost += Math.max(0, before[name] - after[name]);
  }
  return change;
}

export function asPostgresUser(user: ChunkResult['exported'][number]): PostgresUser {
  if (user instanceof PostgresUser) return user;
  throw new TypeError(`${user.userId} was encoded for another destination`);
}
