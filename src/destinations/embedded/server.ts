import { errorText } from '../../errors/system-error.ts';
import { DestinationError, InvalidDestination } from '../contract/destination-error.ts';
import type { Waiting } from '../contract/waiting.ts';
import { holdServer, releaseServer } from '../held-servers.ts';
import type { ServerDirectory } from './account.ts';
import { type Binaries, packagedHome } from './binaries.ts';
import { usableBinaries } from './cache.ts';
import { ensureCluster, watchPresence } from './cluster.ts';
import { findRunning, killOrphan, startServer, stopServer } from './control.ts';
import { prepareDirectory } from './directory.ts';
import { connectionString, type Postmaster } from './postmaster.ts';
import { processIdentity } from './process.ts';
import { readerConnectionString } from './reader.ts';
import { register, unregister, withStartLock } from './sharing.ts';

export interface EmbeddedServerOptions {
  /** The cluster's directory: new, empty, or a cluster of this program. */
  readonly dir: string;
  /** Default true. `false` refuses a directory without a cluster, and creates nothing. */
  readonly create?: boolean;
  /** Also listen on this TCP port of 127.0.0.1, without a password for every user of this machine: for tests. */
  readonly port?: number;
  /** How long to wait for other processes that start or stop the server, or for a server that does not answer. */
  readonly waiting?: Waiting | undefined;
  /** Default true. `false` trades safety at a power cut for speed: for databases that tests throw away. */
  readonly durable?: boolean;
}

/** By default, as long as a server may take to recover from a crash. */
const PATIENT: Waiting = {
  subject: 'this command',
  patienceMs: 600_000,
  option: null,
  stop: new AbortController().signal,
  onNotice: () => {},
};
/** A frozen process must not keep a finished one. */
const FAREWELL_MS = 60_000;

export interface EmbeddedServer {
  /** For node-postgres and libpq: database `postgres`, over the socket. */
  readonly url: string;
  /** The same for a role that only reads. */
  readerUrl(): Promise<string>;
  /** The directory's real path. */
  readonly dir: string;
  readonly socketDir: string;
  /** Process ID of the postmaster. */
  readonly pid: number;
  /** Whether the server was already running: left by a killed process, or in use by another one. */
  readonly adopted: boolean;
  /** Whether its process is alive. */
  isAlive(): Promise<boolean>;
  /** Whether its cluster is still in its place. */
  isThere(): Promise<boolean>;
  /**
   * Stops the server in an orderly way, and closes its connections. While another live process uses it, the `stop` of that
   * process does. A second call waits for the same end.
   */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL server of a directory, and creates the cluster the first time, or adopts the running server. The server
 * is no child of this process and survives its sudden death.
 * @throws {InvalidDestination} for a directory or a system that it will never work on
 * @throws {DestinationError} for a failure here and now
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { create = true, port, durable = true, waiting = PATIENT } = options;
  holdServer();
  try {
    const home = packagedHome();
    const place = await prepareDirectory(options.dir, create);
    const binaries = await usableBinaries(home, place.account);
    return await withStartLock(place.dir, waiting, async () => {
      const running = await findRunning(place.dir, waiting);
      if (running) {
        refuseOtherPort(running, port, place.dir);
        return await serverOver(running, place, binaries, true);
      }
      await ensureCluster(place, binaries, durable);
      return await serverOver(await startServer(place, binaries, { port, durable }), place, binaries, false);
    });
  } catch (error) {
    releaseServer();
    if (!isSystemError(error)) throw error;
    throw new DestinationError(`the server of ${options.dir} cannot be started: ${errorText(error)}`, {
      cause: error,
    });
  }
}

async function serverOver(
  postmaster: Postmaster,
  place: ServerDirectory,
  binaries: Binaries,
  adopted: boolean,
): Promise<EmbeddedServer> {
  const { dir } = place;
  const note = await register(dir);
  const isThere = await watchPresence(dir);
  const identity = await processIdentity(postmaster.pid);
  const end = async (): Promise<void> => {
    // Other processes that use it have lost it, too.
    if (!(await isThere())) return await killOrphan(postmaster, identity);
    await withStartLock(dir, { ...PATIENT, patienceMs: FAREWELL_MS }, async () => {
      if (await unregister(dir, note)) await stopServer(place, binaries, postmaster);
    });
  };
  let ended: Promise<void> | undefined;
  return {
    url: connectionString(postmaster),
    readerUrl: () => readerConnectionString(postmaster, dir),
    dir,
    socketDir: postmaster.socketDir,
    pid: postmaster.pid,
    adopted,
    isAlive: async () => identity !== undefined && (await processIdentity(postmaster.pid)) === identity,
    isThere,
    stop: () => {
      ended ??= end().finally(() => {
        releaseServer();
      });
      return ended;
    },
  };
}

function refuseOtherPort(
  { address, port: running }: Postmaster,
  wanted: number | undefined,
  dir: string,
): void {
  if (wanted === undefined || (address !== '' && running === wanted)) return;
  throw new InvalidDestination(`the server of ${dir} runs already and does not listen on port ${wanted}`);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
