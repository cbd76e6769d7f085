import type { RunRecord } from '../../contract/destination.ts';
import { removeOldRuns } from '../ledger/old-runs.ts';
import type { SchemaTables } from '../schema/schema-tables.ts';
import { cancelOnStop } from '../session/cancel-on-stop.ts';
import type { Session } from '../session/session.ts';
import { vacuumChanged } from './vacuum.ts';

/** What is to be done when a run is finished. */
export type Maintenance = {
  readonly schema: string;
  /** So many runs of a job are kept, the finished one included. */
  readonly keepRuns: number;
  /** Ends what can as well be done later. */
  readonly stop: AbortSignal;
  readonly onNotice: (message: string) => void;
};

/** Does what a finished run leaves to do; none of it can fail the run. */
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
