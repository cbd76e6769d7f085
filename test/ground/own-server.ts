import { join } from 'node:path';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/destinations/postgres/embedded-server.ts';
import type { TestDestination } from './destinations.ts';
import { temporaryDirectory } from './directory.ts';
import { postgresRows } from './rows.ts';
import { whenOver } from './when-over.ts';

/** A destination in a PostgreSQL server of its own, which may be killed. */
export interface OwnServer extends TestDestination {
  kill(): void;
  startAgain(): Promise<void>;
}

export async function ownServer(): Promise<OwnServer> {
  const dir = join(await temporaryDirectory(), 'server');
  let server: EmbeddedServer = await startEmbeddedServer({ dir });
  whenOver(() => server.stop());
  return {
    to: server.url,
    rows: (table) => postgresRows(server.url, table),
    kill: () => {
      process.kill(server.pid, 'SIGKILL');
    },
    startAgain: async () => {
      server = await startEmbeddedServer({ dir });
    },
  };
}
