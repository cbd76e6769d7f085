import { freeBytes, inspectDirectory } from '../destinations/csv/inspect-directory.ts';
import type { Inspection } from '../destinations/inspection.ts';
import { startEmbeddedServer } from '../destinations/postgres/embedded-server.ts';
import { inspectSchema } from '../destinations/postgres/inspect-schema.ts';
import type { Job } from '../job/job.ts';

/** Looks at the job's destination, whatever it is, without its lock and without writing anything. */
export async function inspectDestination({ destination, api, name, run }: Job): Promise<Inspection> {
  const about = { sdkAppId: api.sdkAppId, job: name, migrate: run.migrate };
  switch (destination.kind) {
    case 'csv':
      return await inspectDirectory(destination.dir, about);
    case 'postgres': {
      const { url, shown, schema } = destination;
      return await inspectSchema({ ...about, url: url.reveal(), name: shown, schema });
    }
    case 'embedded': {
      const { dir, schema } = destination;
      const server = await startEmbeddedServer({ dir });
      try {
        const inspection = await inspectSchema({
          ...about,
          url: server.url,
          name: `embedded:${dir}`,
          schema,
        });
        return { ...inspection, freeBytes: await freeBytes(dir) };
      } finally {
        await server.stop();
      }
    }
  }
}
