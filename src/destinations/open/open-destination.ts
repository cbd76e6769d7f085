import type { Job } from '../../config/model/job.ts';
import type { Destination, DestinationEvents } from '../contract/destination.ts';
import type { PostgresDestination } from '../postgres/postgres-destination.ts';

/** A destination with all that has to be closed with it. */
export type OpenedDestination = { readonly destination: Destination; readonly close: () => Promise<void> };

/** What opening a destination takes of a job. */
export type DestinationJob = Pick<Job, 'destination'> & {
  readonly api: Pick<Job['api'], 'sdkAppId'>;
  readonly run: Pick<Job['run'], 'migrate' | 'keepRuns'>;
  readonly rows: Pick<Job['rows'], 'history'>;
  readonly pull: Pick<Job['pull'], 'maxOutageMs'>;
  readonly network: Pick<Job['network'], 'caFile'>;
};

/**
 * Opens the job's destination, ready for a run of the job's app. Only its own room is loaded, since loading code takes a
 * good part of a start.
 * @throws as `Destination` says
 */
export async function openDestination(
  job: DestinationJob,
  stop: AbortSignal,
  events: DestinationEvents,
): Promise<OpenedDestination> {
  const { destination: place } = job;
  const common = {
    sdkAppId: job.api.sdkAppId,
    migrate: job.run.migrate,
    keepRuns: job.run.keepRuns,
    history: job.rows.history,
    maxOutageMs: job.pull.maxOutageMs,
    stop,
    events,
  };
  switch (place.kind) {
    case 'files': {
      const { FileDestination } = await import('../files/file-destination.ts');
      const destination = await FileDestination.open(place.dir, common.sdkAppId, place.form);
      return { destination, close: () => destination.close() };
    }
    case 'postgres': {
      const { PostgresDestination } = await import('../postgres/postgres-destination.ts');
      const { url, shown: name, schema } = place;
      const destination = await PostgresDestination.open({
        ...common,
        url: url.reveal(),
        name,
        schema,
        caFile: job.network.caFile,
      });
      return { destination, close: () => destination.close() };
    }
    case 'embedded':
      return await openEmbedded(place, common);
  }
}

async function openEmbedded(
  { dir, schema }: { readonly dir: string; readonly schema: string },
  common: Pick<
    Parameters<typeof PostgresDestination.open>[0],
    'sdkAppId' | 'migrate' | 'keepRuns' | 'history' | 'maxOutageMs' | 'stop' | 'events'
  >,
): Promise<OpenedDestination> {
  const { EmbeddedSupervisor } = await import('../embedded/supervisor.ts');
  const { PostgresDestination } = await import('../postgres/postgres-destination.ts');
  const { waitingOfRun } = await import('../postgres/connect/waiting.ts');
  const { maxOutageMs, stop, events } = common;
  const keeper = await EmbeddedSupervisor.start(
    dir,
    waitingOfRun({ maxOutageMs, stop, onNotice: events.onNotice }),
  );
  try {
    const name = `embedded:${dir}`;
    const url = await keeper.url();
    const destination = await PostgresDestination.open({ ...common, url, name, schema, keeper });
    const close = async (): Promise<void> => {
      await destination.close();
      await keeper.stop();
    };
    return { destination, close };
  } catch (error) {
    await keeper.stop();
    throw error;
  }
}
