import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/destinations/embedded/server.ts';
import type { TestDestination } from './destinations.ts';
import { plainDirectory } from './directory.ts';
import { postgresRows } from './rows.ts';
import { whenOver } from './when-over.ts';

/** A destination in a PostgreSQL server of its own, which may be killed. */
export interface OwnServer extends TestDestination {
  kill(): void;
  startAgain(): Promise<void>;
  /** Suspends all of its processes, like a machine that is suspended. The returned function resumes them. */
  freeze(): Promise<() => void>;
}

/** @param directory of its data; it is made */
export async function ownServer(directory?: string): Promise<OwnServer> {
  // Its socket is in its directory, so a URL holds for later starts, too.
  const dir = directory ?? join(await plainDirectory(), 'server');
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
    freeze: async () => {
      const { pid } = server;
      process.kill(pid, 'SIGSTOP');
      const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
      const all = [pid, ...children.trim().split(' ').map(Number)];
      for (const each of all.slice(1)) process.kill(each, 'SIGSTOP');
      const thaw = () => {
        for (const each of all.splice(0)) process.kill(each, 'SIGCONT');
      };
      whenOver(async () => thaw());
      return thaw;
    },
  };
}
