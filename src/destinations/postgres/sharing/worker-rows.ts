import { hostname } from 'node:os';
import type pg from 'pg';
import type { Committed } from '../../contract/destination.ts';
import type { Halt } from '../../contract/sharing.ts';
import { runHolder } from '../connect/advisory-lock.ts';
import { ATTEMPT_COLUMNS, type Attempt } from '../ledger/fence.ts';
import { type CountedAttempt, countedAttempt } from '../ledger/run-rows.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';
import type { ChunkQueue, QueuedChunk } from './chunk-queue.ts';
import { committedBy, haltOf, IS_AT_WORK } from './worker-state.ts';

/** Records this process as the first worker of an attempt that it has started. */
export async function insertFirstWorker(
  client: pg.ClientBase,
  tables: SchemaTables,
  { runId, number }: Attempt,
  maxDurationMs: number | null,
): Promise<void> {
  await client.query(
    `update ${tables.runs} set is_shared = true,
       deadline = case when $2::float8 is null then null else clock_timestamp() + $2::float8 * interval '1 ms' end
     where run_id = $1`,
    [runId, maxDurationMs],
  );
  await client.query(
    `insert into ${tables.runAttempts} (run_id, attempt, worker, host) values ($1, $2, 1, $3)`,
    [runId, number, thisProcess()],
  );
}

// When the time of an attempt is over, or a worker has ended it for all, its workers need some time to leave, and a process that
// comes meanwhile ends as they do. A worker that is still there after this time is frozen: the process plans, and fences it.
const LEAVE_WITHIN_MS = 30_000;
const isLongAgo = (instant: string): string =>
  `coalesce(${instant} < clock_timestamp() - interval '${LEAVE_WITHIN_MS} ms', false)`;

/**
 * Records this process as one more worker of the run's last attempt. Null when the run is over, or when the workers of the attempt
 * should have left it.
 */
export async function joinAttempt(
  client: pg.ClientBase,
  tables: SchemaTables,
  runId: number,
): Promise<(CountedAttempt & { readonly leftMs: number | null }) | null> {
  // The last worker that left may have recorded why. What ended the run for all stays.
  const { rows } = await client.query(
    `update ${tables.runs} set
       stop_reason = case when exit_code is null then null else stop_reason end,
       error = case when exit_code is null then null else error end
     where run_id = $1 and status = 'running' and is_shared
       and not ${isLongAgo('deadline')} and not ${isLongAgo('halted_at')}
     returning *, ${ATTEMPT_COLUMNS},
       (extract(epoch from deadline - clock_timestamp()) * 1000)::float8 as left_ms`,
    [runId],
  );
  if (rows[0] === undefined) return null;
  const { rows: joined } = await client.query(
    `insert into ${tables.runAttempts} (run_id, attempt, worker, host)
     select $1, $2, coalesce(max(worker), 0) + 1, $3 from ${tables.runAttempts} where run_id = $1 and attempt = $2
     returning worker`,
    [runId, rows[0].attempts, thisProcess()],
  );
  const { left_ms: left } = rows[0];
  return {
    ...countedAttempt(rows[0], Number(joined[0]?.worker)),
    leftMs: left === null ? null : Math.max(0, Number(left)),
  };
}

/** Records that a worker leaves. @returns whether no other worker is left */
export async function leaveAttempt(
  client: pg.ClientBase,
  { runs, runAttempts }: SchemaTables,
  { runId, number, worker }: Attempt,
): Promise<boolean> {
  // One after the other: of two that leave together, one is the last.
  await client.query(`select from ${runs} where run_id = $1 for update`, [runId]);
  await client.query(
    `update ${runAttempts} set left_at = clock_timestamp() where run_id = $1 and attempt = $2 and worker = $3`,
    [runId, number, worker],
  );
  const { rows } = await client.query(
    `select from ${runAttempts} where run_id = $1 and attempt = $2 and ${IS_AT_WORK}`,
    [runId, number],
  );
  return rows.length === 0;
}

/** What one worker has committed in an attempt. */
export async function committedByWorker(
  client: pg.ClientBase,
  { runAttempts }: SchemaTables,
  { runId, number, worker }: Attempt,
): Promise<Committed> {
  const { rows } = await client.query(
    `select users_done, counts from ${runAttempts} where run_id = $1 and attempt = $2 and worker = $3`,
    [runId, number, worker],
  );
  return committedBy(rows as { users_done: number; counts: object | null }[]);
}

/** What the other workers have committed in an attempt. */
export async function committedByOthers(
  client: pg.ClientBase,
  { runAttempts }: SchemaTables,
  { runId, number, worker }: Attempt,
): Promise<Committed> {
  const { rows } = await client.query(
    `select users_done, counts from ${runAttempts} where run_id = $1 and attempt = $2 and worker <> $3`,
    [runId, number, worker],
  );
  return committedBy(rows as { users_done: number; counts: object | null }[]);
}

/**
 * Queues every open chunk of a run for the workers of an attempt, inside the open transaction.
 * @param except chunks that are queued already
 * @returns how many were queued
 */
export async function queueOpenChunks(
  client: pg.ClientBase,
  { runChunks }: SchemaTables,
  { runId, number }: Attempt,
  queue: ChunkQueue,
  except: ReadonlySet<number> = new Set(),
): Promise<number> {
  const { rows } = await client.query(
    `select chunk, pass from ${runChunks} where run_id = $1 and committed_at is null order by chunk`,
    [runId],
  );
  const chunks = (rows as { readonly chunk: number; readonly pass: 1 | 2 }[]).filter(
    ({ chunk }) => !except.has(chunk),
  );
  const queued = chunks.map(({ chunk, pass }): QueuedChunk => ({ runId, attempt: number, chunk, pass }));
  await queue.add(client, queued);
  return queued.length;
}

/** The job's last run, as a newcomer needs to know it. */
export type LastSharedRun = {
  readonly runId: number;
  readonly isRunning: boolean;
  readonly isShared: boolean;
  /** How long ago it was finished, ms by the server's clock; null when it was not. */
  readonly finishedMsAgo: number | null;
  /** The same for the moment when a worker ended it for all, and why. */
  readonly halted: { readonly msAgo: number; readonly halt: Halt } | null;
};

export async function lastSharedRun(
  client: pg.ClientBase,
  { runs }: SchemaTables,
  sdkAppId: number,
  job: string,
): Promise<LastSharedRun | null> {
  const { rows } = await client.query(
    `select run_id, status, is_shared, exit_code, error,
            (extract(epoch from clock_timestamp() - finished_at) * 1000)::float8 as finished_ms_ago,
            (extract(epoch from clock_timestamp() - halted_at) * 1000)::float8 as halted_ms_ago
     from ${runs} where sdk_app_id = $1 and job = $2 order by run_id desc limit 1`,
    [sdkAppId, job],
  );
  if (rows[0] === undefined) return null;
  const { run_id, status, is_shared, exit_code, error, finished_ms_ago, halted_ms_ago } = rows[0];
  return {
    runId: Number(run_id),
    isRunning: status === 'running',
    isShared: is_shared === true,
    finishedMsAgo: status === 'finished' ? Number(finished_ms_ago) : null,
    halted: halted_ms_ago === null ? null : { msAgo: Number(halted_ms_ago), halt: haltOf(exit_code, error) },
  };
}

/** Another job of the app whose shared run processes pull now, and one of them; null when there is none. */
export async function otherJobAtWork(
  client: pg.ClientBase,
  tables: SchemaTables,
  { schema, sdkAppId, job }: { readonly schema: string; readonly sdkAppId: number; readonly job: string },
): Promise<{ readonly job: string; readonly holder: string } | null> {
  const { rows } = await client.query(
    `select run_id, job from ${tables.runs} where sdk_app_id = $1 and job <> $2 and status = 'running' and is_shared`,
    [sdkAppId, job],
  );
  for (const row of rows) {
    const runId = Number(row.run_id);
    const locked = await runHolder(client, schema, runId);
    const holder = locked?.text ?? (await lastSeenWorker(client, tables, runId));
    if (holder !== null) return { job: String(row.job), holder };
  }
  return null;
}

/** The worker of a run that was seen last, and when, unless it is silent: after a restart of the server it may have no lock yet. */
async function lastSeenWorker(
  client: pg.ClientBase,
  { runs, runAttempts }: SchemaTables,
  runId: number,
): Promise<string | null> {
  const { rows } = await client.query(
    `select a.host, extract(epoch from clock_timestamp() - a.last_seen_at)::int as ago
     from ${runAttempts} a join ${runs} r on r.run_id = a.run_id and r.attempts = a.attempt
     where a.run_id = $1 and ${IS_AT_WORK} order by a.last_seen_at desc limit 1`,
    [runId],
  );
  return rows[0] === undefined ? null : `${rows[0].host}, seen ${rows[0].ago} s ago`;
}

/** What shows that processes are at work on a run. */
export type SignsOfLife = {
  /** Whether one holds the lock of the run. After a restart of the server, those at work take it again when they need it. */
  readonly isLocked: boolean;
  /** How long ago one that has not left recorded that it is alive, ms by the server's clock; null when there is none. */
  readonly lastSeenMsAgo: number | null;
};

export async function signsOfLife(
  client: pg.ClientBase,
  { runs, runAttempts }: SchemaTables,
  schema: string,
  runId: number,
): Promise<SignsOfLife> {
  const { rows } = await client.query(
    `select (extract(epoch from clock_timestamp() - max(a.last_seen_at)) * 1000)::float8 as ago
     from ${runAttempts} a join ${runs} r on r.run_id = a.run_id and r.attempts = a.attempt
     where a.run_id = $1 and a.left_at is null`,
    [runId],
  );
  const ago: unknown = rows[0]?.ago ?? null;
  return {
    isLocked: (await runHolder(client, schema, runId)) !== null,
    lastSeenMsAgo: ago === null ? null : Number(ago),
  };
}

const thisProcess = (): string => `${hostname()} (${process.pid})`;
