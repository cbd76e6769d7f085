import { appendFile, chown, cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { namedAccount } from '../../src/destinations/embedded/account.ts';
import { type Account, runBinary } from '../../src/destinations/embedded/command.ts';
import { debianBinaries } from './debian-server.ts';
import type { TestDestination } from './destinations.ts';
import { temporaryDirectory } from './directory.ts';
import { freePort } from './free-port.ts';
import { postgresRows } from './rows.ts';
import { whenOver } from './when-over.ts';

/** A server that follows another one, until it is cut off. */
export interface Standby {
  /** Waits until it has all that the primary has committed, and stops it: from now on it lags. */
  cutOff(): Promise<void>;
  /** Takes the place of the primary, which has crashed, under its address. */
  takeOver(): Promise<void>;
}

/** A destination in a PostgreSQL server of its own, on a port of this machine, which can lose commits. */
export interface FailingServer extends TestDestination {
  /** Ends it with everything that it has in memory, and starts it again. */
  crash(): Promise<void>;
  /** Copies the present data; the returned function puts it back under the same address. Both end all sessions. */
  backUp(): Promise<() => Promise<void>>;
  standby(): Promise<Standby>;
}

/** One data directory of a server, with functions to start and stop it. */
class Cluster {
  readonly #home: string;
  readonly #account: Account | undefined;
  readonly directory: string;

  constructor(home: string, account: Account | undefined, directory: string) {
    this.#home = home;
    this.#account = account;
    this.directory = directory;
  }

  async run(name: string, ...args: string[]): Promise<void> {
    const options = { account: this.#account, cwd: this.directory };
    const { code, stdout, stderr } = await runBinary(join(this.#home, name), args, options);
    if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr || stdout}`);
  }

  async make(settings: readonly string[]): Promise<void> {
    await mkdir(this.directory, { mode: 0o700 });
    if (this.#account) await chown(this.directory, this.#account.uid, this.#account.gid);
    await this.run(
      'initdb',
      ...['--pgdata', this.directory, '--username', 'postgres', '--auth', 'trust'],
      ...['--encoding', 'UTF8', '--locale', 'C.UTF-8', '--no-sync', '--no-instructions'],
    );
    const all = [
      "listen_addresses = '127.0.0.1'",
      "unix_socket_directories = ''",
      'fsync = off',
      "timezone = 'UTC'",
      ...settings,
    ];
    await appendFile(join(this.directory, 'postgresql.conf'), `${all.join('\n')}\n`);
  }

  start(port: number): Promise<void> {
    const log = join(this.directory, 'server.log');
    return this.run('pg_ctl', ...['start', '-w', '-s', '-D', this.directory, '-l', log, '-o', `-p ${port}`]);
  }

  stop(mode: 'fast' | 'immediate'): Promise<void> {
    return this.run('pg_ctl', 'stop', '-w', '-s', '-m', mode, '-D', this.directory);
  }

  async copyTo(directory: string): Promise<Cluster> {
    await cp(this.directory, directory, { recursive: true, preserveTimestamps: true });
    if (this.#account)
      await runBinary('/bin/chown', ['-R', `${this.#account.uid}:${this.#account.gid}`, directory]);
    return new Cluster(this.#home, this.#account, directory);
  }
}

const urlOf = (port: number): string => `postgres://postgres@127.0.0.1:${port}/postgres`;

async function ask(port: number, sql: string): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString: urlOf(port) });
  await client.connect();
  try {
    return (await client.query(sql)).rows[0];
  } finally {
    await client.end();
  }
}

/** @param settings lines of its postgresql.conf */
export async function failingServer(settings: readonly string[] = []): Promise<FailingServer> {
  const home = await debianBinaries('15');
  if (home === null) throw new Error('PostgreSQL 15 is not on this machine');
  const parent = await temporaryDirectory();
  const account = process.getuid?.() === 0 ? await namedAccount() : undefined;
  const directory = join(parent, 'primary');
  const primary = new Cluster(home, account, directory);
  const port = await freePort();
  const to = urlOf(port);
  await primary.make(settings);
  await primary.start(port);
  whenOver(() => primary.stop('immediate').catch(() => {}));

  async function backUp(): Promise<() => Promise<void>> {
    await primary.stop('fast');
    const copy = await primary.copyTo(join(parent, `copy-${Date.now()}`));
    await primary.start(port);
    return async () => {
      await primary.stop('immediate');
      await rm(directory, { recursive: true });
      await rename(copy.directory, directory);
      await primary.start(port);
    };
  }

  async function standby(): Promise<Standby> {
    await primary.stop('fast');
    const follower = await primary.copyTo(join(parent, 'standby'));
    await primary.start(port);
    await writeFile(join(follower.directory, 'standby.signal'), '');
    await appendFile(
      join(follower.directory, 'postgresql.conf'),
      `primary_conninfo = 'host=127.0.0.1 port=${port} user=postgres'\n`,
    );
    const ownPort = await freePort();
    await follower.start(ownPort);
    whenOver(() => follower.stop('immediate').catch(() => {}));
    return {
      cutOff: async () => {
        const { lsn } = await ask(port, 'select pg_current_wal_lsn()::text as lsn');
        const replayed = `select pg_last_wal_replay_lsn() >= '${lsn}'::pg_lsn as all`;
        while ((await ask(ownPort, replayed)).all !== true) await sleep(20);
        await follower.stop('fast');
      },
      takeOver: async () => {
        await primary.stop('immediate');
        await follower.start(ownPort);
        await follower.run('pg_ctl', 'promote', '-w', '-s', '-D', follower.directory);
        await follower.stop('fast');
        await follower.start(port);
      },
    };
  }

  return {
    to,
    rows: (table) => postgresRows(to, table),
    crash: async () => {
      await primary.stop('immediate');
      await primary.start(port);
    },
    backUp,
    standby,
  };
}
