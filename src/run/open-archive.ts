import { CsvArchive } from '../destinations/csv/csv-archive.ts';
import { startEmbeddedServer } from '../destinations/postgres/embedded-server.ts';
import { PostgresArchive } from '../destinations/postgres/postgres-archive.ts';
import type { RunArchive } from '../destinations/run-archive.ts';
import type { Place } from '../job/read-place.ts';

/** An archive that is closed, with all that was opened for it, at the end of its scope. */
export type OpenedArchive = RunArchive & AsyncDisposable;

/** Opens what has run in a destination. @throws {DestinationUnusable} and {DestinationError} */
export async function openArchive({
  destination: place,
  caFile,
}: Pick<Place, 'destination' | 'caFile'>): Promise<OpenedArchive> {
  switch (place.kind) {
    case 'csv':
      return disposable(await CsvArchive.open(place.dir));
    case 'postgres': {
      const { url, shown: name, schema } = place;
      return disposable(await PostgresArchive.open({ url: url.reveal(), name, schema, caFile }));
    }
    case 'embedded': {
      const server = await startEmbeddedServer({ dir: place.dir, create: false });
      try {
        const name = `embedded:${place.dir}`;
        const archive = await PostgresArchive.open({ url: server.url, name, schema: place.schema });
        return disposable(archive, () => server.stop());
      } catch (error) {
        await server.stop();
        throw error;
      }
    }
  }
}

const disposable = (archive: RunArchive, after: () => Promise<void> = async () => {}): OpenedArchive =>
  Object.assign(archive, {
    [Symbol.asyncDispose]: async () => {
      await archive.close();
      await after();
    },
  });
