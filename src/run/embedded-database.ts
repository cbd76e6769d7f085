import { DestinationError } from '../destinations/destination-error.ts';
import { EmbeddedServerError } from '../destinations/postgres/embedded-error.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../destinations/postgres/embedded-server.ts';

/** Starts the server of a directory, or joins those who use it. @throws {DestinationError} */
export async function startDatabase(dir: string): Promise<EmbeddedServer> {
  return await startEmbeddedServer({ dir }).catch((error) => {
    throw error instanceof EmbeddedServerError
      ? new DestinationError(error.message, { cause: error })
      : error;
  });
}
