import { readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DestinationError } from '../contract/destination-error.ts';
import type { Waiting } from '../contract/waiting.ts';
import type { ServerDirectory } from './account.ts';
import type { Binaries } from './binaries.ts';
import { BoundedWait } from './bounded-wait.ts';
import { type CommandResult, inOneLine, runBinary } from './command.ts';
import { answers, type Postmaster, readPostmaster } from './postmaster.ts';
import { isServerOf, processIdentity, processText } from './process.ts';
import { startOptions } from './settings.ts';
import { removeSocketDirectory, socketDirectoryFor } from './socket.ts';

/** In DIR. */
export const logFile = 'server.log';
/** Seconds that recovery after a crash may take, and the last checkpoint. */
const START_PATIENCE = '600';
// The server stops by itself after this time. A server that is stuck must not keep this process.
const STOP_PATIENCE = '60';
/** Longer than a server waits for its children before it kills them. */
const HOMELESS_MS = 10_000;

/**
 * The server that already runs on DIR, left by a killed process. A server that is starting or stopping is waited for. `undefined`
 * when none runs; then no files of an earlier one are in the way.
 * @throws {DestinationTimeout} and {AbortedByStop} as `BoundedWait` does
 */
export async function findRunning(dir: string, waiting: Waiting): Promise<Postmaster | undefined> {
  const wait = new BoundedWait(`embedded:${dir}`, waiting);
  for (;;) {
    const found = await readPostmaster(dir);
    if (!found) return undefined;
    if (!(await isServerOf(found.pid, dir))) {
      await removeTraces(dir, found);
      return undefined;
    }
    if (found.ready && (await answers(found, dir))) return found;
    await wait.resume(async () => ({
      what: 'there is no answer of its server,',
      who: await processText(found.pid),
      next: `see ${join(dir, logFile)}, or end that process`,
    }));
  }
}

/**
 * PostgreSQL refuses to start when another process, or a zombie, has the dead server's number. The last children of the dead
 * server are guarded by its shared memory, which is found without these files.
 */
async function removeTraces(dir: string, { socketDir, port }: Postmaster): Promise<void> {
  const socket = join(socketDir, `.s.PGSQL.${port}`);
  for (const path of [`${socket}.lock`, socket, join(dir, 'postmaster.pid')])
    await unlink(path).catch(() => {});
  await removeSocketDirectory(socketDir);
}

export async function startServer(
  { dir, account }: ServerDirectory,
  binaries: Binaries,
  settings: { port: number | undefined; durable: boolean },
): Promise<Postmaster> {
  const log = join(dir, logFile);
  const logged = await stat(log).then(
    ({ size }) => size,
    () => 0,
  );
  const socketDir = await socketDirectoryFor(dir, account);
  const args = ['start', '-w', '-s', '-t', START_PATIENCE, '-l', logFile];
  args.push('-o', startOptions({ socketDir, ...settings }));
  for (let attempt = 1; ; attempt++) {
    const result = await pgCtl(binaries, { dir, account }, args);
    const started = await readPostmaster(dir);
    if (result.code === 0 && started) return started;
    const said = (await readFile(log).catch(() => Buffer.of())).subarray(logged).toString().trim();
    if (attempt < 50 && said.includes('pre-existing shared memory block')) {
      // The children of a killed server end by themselves within moments.
      await setTimeout(200);
      continue;
    }
    await removeSocketDirectory(socketDir);
    throw new DestinationError(
      `the server of ${dir} did not start: ${inOneLine(said.slice(-2000)) || inOneLine(result.stderr) || inOneLine(result.stdout)}`,
    );
  }
}

/** Stops the server in an orderly way, and closes its clients' connections. A server that has ended by itself is not an error. */
export async function stopServer(
  { dir, account }: ServerDirectory,
  binaries: Binaries,
  { pid, socketDir }: Postmaster,
): Promise<void> {
  const { code, stderr } = await pgCtl(binaries, { dir, account }, [
    'stop',
    '-w',
    '-s',
    '-m',
    'fast',
    '-t',
    STOP_PATIENCE,
  ]);
  if (code !== 0 && (await isServerOf(pid, dir))) {
    throw new DestinationError(`the server of ${dir} (process ${pid}) did not stop: ${inOneLine(stderr)}`);
  }
  await removeSocketDirectory(socketDir);
}

/**
 * Ends a server whose directory is gone, so that pg_ctl cannot find it: at once, since it can write nowhere.
 * @param identity of its process, from `processIdentity`
 */
export async function killOrphan(
  { pid, socketDir }: Postmaster,
  identity: string | undefined,
): Promise<void> {
  const isAlive = async (): Promise<boolean> =>
    identity !== undefined && (await processIdentity(pid)) === identity;
  if (await isAlive()) process.kill(pid, 'SIGQUIT');
  const deadline = performance.now() + HOMELESS_MS;
  while ((await isAlive()) && performance.now() < deadline) await setTimeout(50);
  await removeSocketDirectory(socketDir);
}

/** DIR is passed as PGDATA and not with -D, which pg_ctl would put into a shell's command line. */
function pgCtl(
  binaries: Binaries,
  { dir, account }: ServerDirectory,
  args: string[],
): Promise<CommandResult> {
  return runBinary(binaries.pgCtl, args, { account, cwd: dir, env: { PGDATA: dir } });
}
