import type { Job } from '../config/model/job.ts';
import type { Inspection } from '../destinations/contract/inspection.ts';
import { inspectEmbedded } from '../destinations/embedded/inspect.ts';
import { inspectDirectory } from '../destinations/files/read/inspect-directory.ts';
import type { Waiting } from '../destinations/postgres/connect/waiting.ts';
import { inspectSchema } from '../destinations/postgres/read/inspect-schema.ts';

/** Looks at the job's destination, whatever it is, without its lock and without writing anything. */
export async function inspectDestination(
  { destination, api, name, run, network }: Job,
  waiting: Waiting,
): Promise<Inspection> {
  const about = { sdkAppId: api.sdkAppId, job: name, runId: run.resume, migrate: run.migrate };
  switch (destination.kind) {
    case 'files':
      return await inspectDirectory(destination.dir, destination.form, about);
    case 'postgres': {
      const { url, shown, schema } = destination;
      return await inspectSchema({
        ...about,
        url: url.reveal(),
        name: shown,
        schema,
        caFile: network.caFile,
        waiting,
      });
    }
    case 'embedded':
      return await inspectEmbedded({ ...about, dir: destination.dir, schema: destination.schema, waiting });
  }
}
