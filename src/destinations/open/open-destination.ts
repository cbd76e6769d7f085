import type { Destination } from '../contract/destination.ts';
import type { OpenSettings } from '../contract/kind.ts';
import { type DestinationPlace, destinationKind } from './kinds.ts';

/** The part of a job that opens a destination. */
export type DestinationJob = {
  readonly destination: DestinationPlace;
  readonly api: Pick<OpenSettings, 'sdkAppId'>;
  readonly run: Pick<OpenSettings, 'migrate' | 'keepRuns'> & {
    /** Whether other processes may pull the run, too. */
    readonly share: boolean;
    readonly maxDurationMs: number | null;
  };
  readonly rows: Pick<OpenSettings, 'history'>;
  readonly pull: Pick<OpenSettings, 'maxOutageMs'>;
  readonly network: Pick<OpenSettings, 'caFile'>;
};

/**
 * Opens the job's destination, ready for a run of the job's app.
 * @param lockWait null to be refused while another run is at work there
 * @throws as in `Destination`
 */
export async function openDestination(
  { destination, api, run, rows, pull, network }: DestinationJob,
  stop: AbortSignal,
  events: OpenSettings['events'],
  lockWait: OpenSettings['lockWait'] = null,
): Promise<Destination> {
  return await destinationKind(destination).open(destination, {
    sdkAppId: api.sdkAppId,
    migrate: run.migrate,
    keepRuns: run.keepRuns,
    share: run.share ? { maxDurationMs: run.maxDurationMs } : null,
    history: rows.history,
    maxOutageMs: pull.maxOutageMs,
    caFile: network.caFile,
    lockWait,
    stop,
    events,
  });
}
