import type pg from 'pg';
import type { Session } from './session.ts';

/** Runs a function over a client of a session. A stop cancels the current statement at the server. */
export async function cancelOnStop(
  session: Session,
  client: pg.ClientBase,
  stop: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  const { rows } = await client.query('select pg_backend_pid() as pid');
  stop.throwIfAborted();
  const cancel = (): void => void session.cancel(Number(rows[0]?.pid)).catch(() => {});
  stop.addEventListener('abort', cancel, { once: true });
  try {
    await work();
  } finally {
    stop.removeEventListener('abort', cancel);
  }
}
