import type pg from 'pg';
import { withTimeout } from '../../../resilience/timeout.ts';

// A busy server needs some time. A host that vanished never answers.
const FAREWELL_MS = 5_000;

/** Closes a connection, also one that is still being opened. Waits for its server, but not for long, and throws nothing. */
export async function farewell(connection: pg.Client | Promise<pg.Client>): Promise<void> {
  const close = async (): Promise<void> => await (await connection).end();
  await withTimeout(
    close().catch(() => {}),
    { ms: FAREWELL_MS, onTimeout: () => {} },
  );
}
