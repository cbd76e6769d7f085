import type pg from 'pg';
import { camelKeys } from '../../../json/key-case.ts';
import { chunked } from '../../chunked.ts';
import { addCounts, NO_COUNTS } from '../../contract/counts.ts';
import type { Committed, NewRun, RunRecord } from '../../contract/destination.ts';
import { DestinationError } from '../../contract/destination-error.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';
import { arrayLiteral, copyIn, copyValue } from './copy.ts';
import { ATTEMPT_COLUMNS, type Attempt } from './fence.ts';

const CHUNKS_AT_ONCE = 2_000;

/** A run, as stored in its row. */
export function asRunRecord(row: Record<string, unknown>): RunRecord {
  const instant = (value: unknown): string => (value as Date).toISOString();
  return {
    runId: Number(row.run_id),
    job: String(row.job),
    sdkAppId: Number(row.sdk_app_id),
    endpoint: String(row.endpoint),
    rowFormat: Number(row.row_format),
    keyFingerprint: row.key_fingerprint === null ? null : String(row.key_fingerprint),
    freeTextDropped: row.free_text_dropped === true,
    status: row.status as RunRecord['status'],
    startedAt: instant(row.started_at),
    finishedAt: row.finished_at === null ? null : instant(row.finished_at),
    stopReason: row.stop_reason === null ? null : String(row.stop_reason),
    error: row.error === null ? null : String(row.error),
    retryOfRun: row.retry_of_run === null ? null : Number(row.retry_of_run),
    attempts: Number(row.attempts),
    chunkSize: Number(row.chunk_size),
    list: {
      lines: Number(row.lines),
      users: Number(row.users),
      beyondLimit: Number(row.users_beyond_limit),
      duplicates: Number(row.duplicates),
      bad: Number(row.bad_lines),
      blank: Number(row.blank_lines),
      suppressed: Number(row.users_suppressed),
      digest: String(row.list_digest),
    },
    counts: { ...NO_COUNTS, ...camelKeys((row.counts ?? {}) as object) },
  };
}

/** The last run of a job of an app, or the run with a number; null when there is none. */
export async function findRun(
  client: pg.ClientBase,
  tables: SchemaTables,
  sdkAppId: number,
  which: { readonly job: string } | { readonly runId: number },
): Promise<RunRecord | null> {
  const [condition, value] = 'job' in which ? ['job = $2', which.job] : ['run_id = $2', which.runId];
  const { rows } = await client.query(
    `select * from ${tables.runs} where sdk_app_id = $1 and ${condition} order by run_id desc limit 1`,
    [sdkAppId, value],
  );
  return rows[0] === undefined ? null : asRunRecord(rows[0]);
}

/**
 * How long ago the last attempt of an app may have called, ms; null when there was none. Attempts of an app never overlap, so
 * every earlier one had ended when the last one started. The end of an attempt that did not finish its run is unknown.
 */
export async function lastCallsMsAgo(
  client: pg.ClientBase,
  tables: SchemaTables,
  sdkAppId: number,
): Promise<number | null> {
  // The server's clock wrote the instants, so it also compares them.
  const { rows } = await client.query(
    `select coalesce(extract(epoch from clock_timestamp() - finished_at) * 1000, 0)::float8 as ago
     from ${tables.runs} where sdk_app_id = $1 order by last_attempt_at desc, run_id desc limit 1`,
    [sdkAppId],
  );
  return rows[0] === undefined ? null : Number(rows[0].ago);
}

/** Writes a run and its whole plan, in the open transaction. */
export async function insertRun(
  client: pg.ClientBase,
  tables: SchemaTables,
  run: NewRun,
  users: Iterable<readonly string[]>,
): Promise<RunRecord> {
  // This run may exist already: the answer to its commit was lost, and it is written again.
  await client.query(`delete from ${tables.runs} where sdk_app_id = $1 and job = $2 and attempts = 0`, [
    run.sdkAppId,
    run.job,
  ]);
  const { rows } = await client.query(
    `insert into ${tables.runs} (job, sdk_app_id, endpoint, row_format, status, attempts,
       users, duplicates, list_digest, chunk_size, lines, users_beyond_limit, bad_lines, blank_lines, retry_of_run,
       key_fingerprint, free_text_dropped, users_suppressed)
     values ($1, $2, $3, $4, 'running', 0, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) returning *`,
    [
      run.job,
      run.sdkAppId,
      run.endpoint,
      run.rowFormat,
      run.list.users,
      run.list.duplicates,
      run.list.digest,
      run.chunkSize,
      run.list.lines,
      run.list.beyondLimit,
      run.list.bad,
      run.list.blank,
      run.retryOfRun,
      run.keyFingerprint,
      run.freeTextDropped,
      run.list.suppressed,
    ],
  );
  const record = asRunRecord(rows[0]);
  await copyIn(
    client,
    `copy ${tables.runChunks} (run_id, chunk, pass, user_count, user_ids) from stdin`,
    planText(record.runId, chunked(users, run.chunkSize)),
  );
  return record;
}

function* planText(runId: number, chunks: Iterable<readonly string[]>): Generator<string> {
  let chunk = 0;
  for (const userIds of chunks) {
    chunk += 1;
    yield `${runId}\t${chunk}\t1\t${userIds.length}\t${copyValue(arrayLiteral(userIds))}\n`;
  }
}

/** Counts one more attempt at a running run. From now on, earlier attempts commit nothing. Null when the run is over. */
export async function countStart(
  client: pg.ClientBase,
  tables: SchemaTables,
  runId: number,
): Promise<CountedAttempt | null> {
  const { rows } = await client.query(
    `update ${tables.runs} set attempts = attempts + 1, last_attempt_at = now(), stop_reason = null, error = null,
       is_shared = false, api_reached = false, deadline = null, exit_code = null, halted_at = null
     where run_id = $1 and status = 'running' returning *, ${ATTEMPT_COLUMNS}`,
    [runId],
  );
  return rows[0] === undefined ? null : countedAttempt(rows[0]);
}

/** A running run, and the attempt that a process has started or joined. */
export type CountedAttempt = { readonly record: RunRecord; readonly attempt: Attempt };

/** @param row with {@link ATTEMPT_COLUMNS} @param worker the number of this process in the attempt */
export function countedAttempt(row: Record<string, unknown>, worker = 1): CountedAttempt {
  const record = asRunRecord(row);
  const attempt = { runId: record.runId, number: record.attempts, countedAt: String(row.counted_at), worker };
  return { record, attempt };
}

/** The sum of a run's committed chunks. @param exceptAttempt an attempt whose chunks do not count */
export async function committedSoFar(
  client: pg.ClientBase,
  tables: SchemaTables,
  runId: number,
  exceptAttempt = 0,
): Promise<Committed> {
  let counts = NO_COUNTS;
  let usersDone = 0;
  let after = 0;
  for (;;) {
    const { rows } = await client.query(
      `select chunk, counts, user_count - coalesce(cardinality(deferred), 0) as users from ${tables.runChunks}
       where run_id = $1 and chunk > $2 and committed_at is not null and attempt is distinct from $4
       order by chunk limit $3`,
      [runId, after, CHUNKS_AT_ONCE, exceptAttempt],
    );
    for (const row of rows) {
      counts = addCounts(counts, camelKeys(row.counts));
      usersDone += Number(row.users);
      after = Number(row.chunk);
    }
    if (rows.length < CHUNKS_AT_ONCE) return { usersDone, counts };
  }
}

/**
 * The state of a run's ledger, and whether it covers the plan.
 * @throws {DestinationError} when it does not, and no open chunk would complete it
 */
export async function readLedgerTotals(
  client: pg.ClientBase,
  tables: SchemaTables,
  { runId, list }: RunRecord,
): Promise<{ readonly isComplete: boolean; readonly committed: Committed }> {
  const { rows } = await client.query(
    `select (select second_pass_planned from ${tables.runs} where run_id = $1) as has_second_pass,
            count(*) filter (where committed_at is null) as open,
            coalesce(sum(user_count) filter (where pass = 1), 0) as planned,
            coalesce(sum(cardinality(deferred)), 0) as deferred
     from ${tables.runChunks} where run_id = $1`,
    [runId],
  );
  const [ledger] = rows;
  const committed = await committedSoFar(client, tables, runId);
  const { exported, notInApp, failed } = committed.counts;
  const settled = exported + notInApp + failed;
  const planned = Number(ledger.planned);
  const lacksSecondPass = Number(ledger.deferred) > 0 && ledger.has_second_pass !== true;
  if (planned === list.users && (Number(ledger.open) > 0 || lacksSecondPass))
    return { isComplete: false, committed };
  if (planned === list.users && settled === list.users && committed.usersDone === list.users) {
    return { isComplete: true, committed };
  }
  throw new DestinationError(
    `the ledger of run ${runId} accounts for ${settled} of ${list.users} users, and its plan has ${planned}: ` +
      'run_chunks was changed; start over with --fresh',
  );
}
