import type pg from 'pg';
import { DestinationError, LockLost } from '../../contract/destination-error.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';

/** Identifies one attempt at a run. */
export type Attempt = {
  readonly runId: number;
  readonly number: number;
  /**
   * The instant of the attempt: unix seconds by the server's clock, to the microsecond. A restored database can use the same run
   * and attempt numbers a second time.
   */
  readonly countedAt: string;
  /** The number of this process among those that share the attempt, from 1. */
  readonly worker: number;
};

/** A condition on runs; its parameters are an attempt's run, number and instant. */
export const IS_LAST_ATTEMPT =
  'run_id = $1 and attempts = $2 and extract(epoch from last_attempt_at) = $3::numeric';

/** The columns of a run's row that identify its last attempt. */
export const ATTEMPT_COLUMNS = 'attempts, extract(epoch from last_attempt_at)::text as counted_at';

/** `update`: for a transaction that changes the run's row, so that two processes of one attempt do not wait for each other. */
type RowLock = 'share' | 'update';

/**
 * Whether this attempt is still the run's last one. The row stays locked until the transaction ends. So a successor waits for
 * this commit, and an earlier attempt sees the successor's number here.
 * @returns `finished` when this attempt has finished the run
 * @throws {LockLost} when the run belongs to another attempt, or is closed
 * @throws {DestinationError} when the database was restored to a state from before this attempt
 */
export async function checkFence(
  client: pg.ClientBase,
  { runs }: Pick<SchemaTables, 'runs'>,
  attempt: Attempt,
  lock: RowLock = 'share',
): Promise<'running' | 'finished'> {
  const { runId, number, countedAt } = attempt;
  const { rows } = await client.query(
    `select status, ${ATTEMPT_COLUMNS} from ${runs} where run_id = $1 for ${lock}`,
    [runId],
  );
  const now = rows[0];
  if (now === undefined) throw runIsGone(runId);
  const isOurs = Number(now.attempts) === number && now.counted_at === countedAt;
  if (isOurs && now.status !== 'abandoned') return now.status as 'running' | 'finished';
  if (now.status === 'running' && Number(now.attempts) < number) {
    throw wentBack(
      `run ${runId} is at attempt ${now.attempts}, and this is attempt ${number}`,
      'before this attempt',
    );
  }
  if (now.status === 'abandoned') {
    throw lockLost(
      runId,
      'it was closed as abandoned by an attempt that starts a new run, such as one with --fresh',
      'the same command without --fresh continues with the new run',
    );
  }
  throw lockLost(
    runId,
    now.status === 'running' ? 'another attempt has resumed it' : `it was closed as ${String(now.status)}`,
  );
}

/** The same for statements that only a run at work may make. */
export async function requireRunning(
  client: pg.ClientBase,
  tables: Pick<SchemaTables, 'runs'>,
  attempt: Attempt,
  lock: RowLock = 'share',
): Promise<void> {
  if ((await checkFence(client, tables, attempt, lock)) === 'finished') throw closedAsFinished(attempt.runId);
}

export const closedAsFinished = (runId: number): LockLost => lockLost(runId, 'it was closed as finished');

const lockLost = (runId: number, what: string, next: string | null = null): LockLost =>
  new LockLost(
    `run ${runId} no longer belongs to this process: ${what}; nothing more was committed${next === null ? '' : `; ${next}`}`,
  );

/** The message when a database has no row of the run any more. */
export const runIsGone = (runId: number): DestinationError =>
  wentBack(`run ${runId} is no longer in the database`, 'before the run started, or the run was deleted');

const wentBack = (what: string, state: string): DestinationError =>
  new DestinationError(
    `${what}: the database was restored, or failed over, to a state from ${state}; ` +
      'run the same command again: it resumes what is there, or starts over',
  );
