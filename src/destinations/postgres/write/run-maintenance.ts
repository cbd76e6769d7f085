import type { RunRecord } from '../../contract/destination.ts';
import { removeOldRuns } from '../ledger/old-runs.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';
import { cancelOnStop } from '../session/cancel-on-stop.ts';
import type { Session } from '../session/session.ts';
import { vacuumChanged } from './vacuum.ts';

/** The maintenance after a finished run. */
export type Maintenance = {
  readonly schema: string;
  /** How many runs of a job to keep, the finished one included. */
  readonly keepRuns: number;
  /** Ends the maintenance: the next run can do the rest. */
  readonly stop: AbortSignal;
  readonly onNotice: (message: string) => void;
};

/** Runs the maintenance after a finished run. No failure here fails the run. */
export async function runMaintenance(
  session: Session,
  tables: SchemaTables,
  finished: RunRecord,
  { schema, keepRuns, stop, onNotice, keepsHistory }: Maintenance & { readonly keepsHistory: boolean },
): Promise<void> {
  const notice = (what: string) => (error: unknown) =>
    onNotice(`after the run: ${what}: ${error instanceof Error ? error.message : error}`);
  await session
    .once((client) =>
      cancelOnStop(session, client, stop, () =>
        removeOldRuns(client, tables, finished, { keep: keepRuns, stop }),
      ),
    )
    .catch(notice('old runs were not removed'));
  const { changes } = finished.counts;
  await vacuumChanged(session, { schema, changes, keepsHistory, stop, onNotice }).catch(
    notice('nothing was vacuumed'),
  );
}
