import type pg from 'pg';
import { snakeKey } from '../../../json/key-case.ts';
import { rowTables } from '../../../rows/tables.ts';
import type { RunCounts } from '../../contract/counts.ts';
import type { RunRecord } from '../../contract/destination.ts';
import { atLeast, byCode, exactly, unknowable, type Verification } from '../../contract/verification.ts';
import { schemaTables } from '../schema/schema-tables.ts';
import { quoteIdentifier } from '../schema/sql-text.ts';

type Query = (text: string, values: readonly unknown[]) => Promise<pg.QueryResult>;

/**
 * Compares a run's record with the rows, and checks the rules that rows follow after any run. The server counts all rows. Run it
 * within one snapshot.
 */
export async function* rowChecks(
  query: Query,
  schema: string,
  record: RunRecord,
): AsyncGenerator<Verification> {
  yield* ledgerChecks(query, schema, record);
  const why = (await hasErasedSince(query, schema, record)) ? 'users were erased since' : null;
  yield* unexportedChecks(query, schema, record, why);
  yield* writtenChecks(query, schema, record, why);
  yield* userChecks(query, schema, record);
  yield* keyChecks(query, schema, record);
}

const named = (schema: string, table: string): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;

/** The counts of chunks stay when their users are dropped. */
async function* ledgerChecks(
  query: Query,
  schema: string,
  { runId, list, counts }: RunRecord,
): AsyncGenerator<Verification> {
  const summed = ['exported', 'notInApp', 'failed', 'conversations', 'contactGroups', 'memberships'] as const;
  const sums = summed.map((name) => `coalesce(sum((counts->>'${snakeKey(name)}')::bigint), 0) as "${name}"`);
  const { rows } = await query(
    `select coalesce(sum(user_count) filter (where pass = 1), 0) as planned, ${sums.join(', ')}
     from ${schemaTables(schema).runChunks} where run_id = $1`,
    [runId],
  );
  yield exactly('users of the plan, by its chunks', list.users, Number(rows[0]?.planned));
  const text = (from: Readonly<Record<string, unknown>> | RunCounts): string =>
    summed.map((name) => String((from as Record<string, unknown>)[name])).join(', ');
  yield exactly('exported, not in the app, failed, rows, by its chunks', text(counts), text(rows[0] ?? {}));
}

async function* unexportedChecks(
  query: Query,
  schema: string,
  { runId, counts }: RunRecord,
  whyUnknowable: string | null,
): AsyncGenerator<Verification> {
  if (whyUnknowable !== null) {
    yield unknowable('users not in the app', counts.notInApp, whyUnknowable);
    yield unknowable('users failed', counts.failed, whyUnknowable);
    return;
  }
  const { rows } = await query(
    `select reason = 'not_in_app' as gone, coalesce(error_code::text, reason) as code, count(*)::bigint as users
     from ${schemaTables(schema).unexportedUsers} where run_id = $1 group by 1, 2`,
    [runId],
  );
  const sum = (isGone: boolean): number =>
    rows.filter(({ gone }) => gone === isGone).reduce((sum, { users }) => sum + Number(users), 0);
  yield exactly('users not in the app', counts.notInApp, sum(true));
  yield exactly('users failed', counts.failed, sum(false));
  const failures = rows.filter(({ gone }) => !gone).map(({ code, users }) => [String(code), Number(users)]);
  yield exactly('users failed, by code', byCode(counts.failures), byCode(Object.fromEntries(failures)));
}

/** The rows of the run are unchanged as long as no other run has written since. */
async function* writtenChecks(
  query: Query,
  schema: string,
  { runId, sdkAppId, counts }: RunRecord,
  whyUnknowable: string | null,
): AsyncGenerator<Verification> {
  const { exported, unchanged, conversations, contactGroups, memberships, rowsWritten } = counts;
  const rows = conversations + contactGroups + memberships;
  const recordedCounts: readonly [subject: string, value: number][] = [
    ['users whose content it changed', exported - unchanged],
    ['rows that it wrote', rowsWritten],
    ['users exported', exported],
    ['rows of users exported', rows],
  ];
  const other = await writerSince(query, schema, runId, sdkAppId);
  const why = other === null ? whyUnknowable : `run ${other} has written since`;
  if (why !== null) {
    for (const [subject, value] of recordedCounts) yield unknowable(subject, value, why);
    return;
  }
  const perTable = rowTables.map(
    ({ name }) =>
      `(select count(*) from ${named(schema, name)} where sdk_app_id = $1 and last_changed_run = $2)`,
  );
  const { rows: found } = await query(
    `select count(*) as users, count(*) filter (where last_changed_run = $2) as changed,
            coalesce(sum(conversations + contact_groups + memberships), 0) as rows, ${perTable.join(' + ')} as written
     from ${named(schema, 'exported_users')} where sdk_app_id = $1`,
    [sdkAppId, runId],
  );
  const { users, changed, rows: all, written } = found[0] ?? {};
  yield exactly('users whose content it changed', exported - unchanged, Number(changed));
  yield exactly('rows that it wrote', rowsWritten, Number(written));
  // Users of earlier runs, and failed users of this one, may have rows, too.
  yield atLeast('users exported', exported, Number(users));
  yield Number(users) === exported
    ? exactly('rows of users exported', rows, Number(all))
    : atLeast('rows of users exported', rows, Number(all));
}

/** Whether a user of the app was erased after the run's first commit. */
async function hasErasedSince(
  query: Query,
  schema: string,
  { runId, sdkAppId }: RunRecord,
): Promise<boolean> {
  const { suppressionSettings, runChunks } = schemaTables(schema);
  const { rows } = await query(
    `select exists (select from ${suppressionSettings} where sdk_app_id = $2 and last_erased_at >
       (select coalesce(min(committed_at), '-infinity') from ${runChunks} where run_id = $1)) as since`,
    [runId, sdkAppId],
  );
  return rows[0]?.since === true;
}

/** Another run with a commit for the app after this run's first one; null when there is none. */
async function writerSince(
  query: Query,
  schema: string,
  runId: number,
  sdkAppId: number,
): Promise<number | null> {
  const { runs, runChunks } = schemaTables(schema);
  const { rows } = await query(
    `select run_id from ${runs} r where sdk_app_id = $2 and run_id <> $1
       and exists (select from ${runChunks} c where c.run_id = r.run_id and c.committed_at >
         (select coalesce(min(committed_at), '-infinity') from ${runChunks} where run_id = $1))
     order by run_id desc limit 1`,
    [runId, sdkAppId],
  );
  return rows[0] === undefined ? null : Number(rows[0].run_id);
}

/** Each user's rows become durable together with their counts, so the two agree after every run. */
async function* userChecks(
  query: Query,
  schema: string,
  { sdkAppId }: RunRecord,
): AsyncGenerator<Verification> {
  const counted = rowTables.map(
    ({ name }, place) =>
      `select user_id, ${rowTables.map((_, i) => (i === place ? '-count(*)' : '0')).join(', ')}, 0
       from ${named(schema, name)} where sdk_app_id = $1 group by user_id`,
  );
  const { rows } = await query(
    `select count(*) as users, min(user_id) as example from (
       select user_id from (
         select user_id, conversations, contact_groups, memberships, 1 as known
         from ${named(schema, 'exported_users')} where sdk_app_id = $1
         union all ${counted.join(' union all ')}
       ) as c(user_id, conversations, contact_groups, memberships, known)
       group by user_id
       having sum(conversations) <> 0 or sum(contact_groups) <> 0 or sum(memberships) <> 0 or sum(known) <> 1
     ) wrong`,
    [sdkAppId],
  );
  yield none('users with other rows than exported_users counts', rows[0], 'users');
  const { rows: strays } = await query(
    `select count(*) as memberships, min(user_id) as example from ${named(schema, 'memberships')} m
     where sdk_app_id = $1 and not exists (select from ${named(schema, 'conversations')} c
       where c.user_id = m.user_id and c.sdk_app_id = m.sdk_app_id and c.conversation_id = m.conversation_id)`,
    [sdkAppId],
  );
  yield none('memberships of conversations that are not there', strays[0], 'memberships');
}

/** Tables may have been replaced by partitioned ones, with keys that this program did not choose. */
async function* keyChecks(
  query: Query,
  schema: string,
  { sdkAppId }: RunRecord,
): AsyncGenerator<Verification> {
  for (const { name, key } of rowTables) {
    const { rows } = await query(
      `select count(*) as keys, min(user_id) as example from (
         select user_id from ${named(schema, name)} where sdk_app_id = $1
         group by ${key.map(quoteIdentifier).join(', ')} having count(*) > 1) repeated`,
      [sdkAppId],
    );
    yield none(`keys of ${name} that are there twice`, rows[0], 'keys');
  }
}

const none = (subject: string, row: Record<string, unknown> | undefined, count: string): Verification => {
  const found = Number(row?.[count]);
  return exactly(subject, 0, found === 0 ? 0 : `${found}, of user ${String(row?.example)} for one`);
};
