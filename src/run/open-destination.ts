import { CsvDestination } from '../destinations/csv/csv-destination.ts';
import type { Destination, DestinationEvents } from '../destinations/destination.ts';
import { PostgresDestination } from '../destinations/postgres/postgres-destination.ts';
import type { Job } from '../job/job.ts';
import { RunRefused } from './run-refused.ts';

/** Opens the job's destination, ready for a run of the job's app. @throws as `Destination` says */
export async function openDestination(job: Job, events: DestinationEvents): Promise<Destination> {
  const { destination } = job;
  switch (destination.kind) {
    case 'csv':
      return await CsvDestination.open(destination.dir);
    case 'postgres':
      return await PostgresDestination.open({
        url: destination.url.reveal(),
        name: destination.shown,
        schema: destination.schema,
        sdkAppId: job.api.sdkAppId,
        migrate: job.run.migrate,
        maxOutageMs: job.pull.maxOutageMs,
        events,
      });
    case 'embedded':
      throw new RunRefused('--to embedded:DIR is not available in this version; use csv:DIR or postgres://…');
  }
}
