import type { DestinationRef } from '../../config/read-destination-ref.ts';
import type { RunArchive } from '../contract/run-archive.ts';
import type { Waiting } from '../postgres/connect/waiting.ts';

/** An archive that is closed, with all that was opened for it, at the end of its scope. */
export type OpenedArchive = RunArchive & AsyncDisposable;

/** Where runs are kept, and how long others may keep a look at them waiting. */
export type ArchivePlace = Pick<DestinationRef, 'destination' | 'caFile'> & {
  readonly waiting?: Waiting | undefined;
};

/** Opens what has run in a destination. @throws {InvalidDestination} and {DestinationError} */
export async function openArchive({
  destination: place,
  caFile,
  waiting,
}: ArchivePlace): Promise<OpenedArchive> {
  switch (place.kind) {
    case 'files': {
      const { FileArchive } = await import('../files/read/file-archive.ts');
      return disposable(await FileArchive.open(place.dir));
    }
    case 'postgres': {
      const { PostgresArchive } = await import('../postgres/read/postgres-archive.ts');
      const { url, shown: name, schema } = place;
      return disposable(await PostgresArchive.open({ url: url.reveal(), name, schema, caFile, waiting }));
    }
    case 'embedded': {
      const { startEmbeddedServer } = await import('../embedded/server.ts');
      const { PostgresArchive } = await import('../postgres/read/postgres-archive.ts');
      const server = await startEmbeddedServer({ dir: place.dir, create: false, waiting });
      try {
        const name = `embedded:${place.dir}`;
        const archive = await PostgresArchive.open({
          url: server.url,
          name,
          schema: place.schema,
          waiting,
        });
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
