import { access, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  DestinationError,
  InvalidDestination,
} from '../../../src/destinations/contract/destination-error.ts';
import { connect } from '../../../src/destinations/postgres/connect/connection.ts';
import { plainDirectory, temporaryDirectory } from '../../support/directory.ts';
import { ask, holdServer, isAlive, start } from './embedded-ground.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

async function newPath(name = 'db'): Promise<string> {
  return join(await temporaryDirectory(), name);
}

async function plainPath(name = 'db'): Promise<string> {
  return join(await plainDirectory(), name);
}

describe('a server', () => {
  test('starts on a new directory, stops, starts again with its data', async () => {
    const dir = await plainPath('a/b');
    const first = await start({ dir });
    expect(first).toMatchObject({ dir, socketDir: dir, adopted: false });
    await ask(first.url, 'create table kept (id int)');
    await Promise.all([first.stop(), first.stop()]);
    expect(await isAlive(first.pid)).toBe(false);
    const second = await start({ dir });
    expect(await ask(second.url, 'select count(*) from kept')).toEqual({ count: '0' });
  });

  test('is UTF8 and C.UTF-8 whatever the environment says', async () => {
    const theirs = { LC_ALL: 'de_DE.ISO-8859-1', PGDATA: '/nowhere', LC_CTYPE: 'no such', LANG: undefined };
    for (const [name, value] of Object.entries(theirs)) vi.stubEnv(name, value);
    const { url } = await start({ dir: await newPath() });
    const sql = `select pg_encoding_to_char(encoding) as encoding, datlocprovider, datlocale, upper('é'),
      current_setting('lc_messages') as messages, current_setting('timezone') as timezone
      from pg_database where datname = 'template1'`;
    expect(await ask(url, sql)).toEqual({
      encoding: 'UTF8',
      datlocprovider: 'b',
      datlocale: 'C.UTF-8',
      upper: 'É',
      messages: 'C',
      timezone: 'UTC',
    });
  });

  test('is durable, without TCP and closed to other accounts by default', async () => {
    const { url, dir } = await start({ dir: await plainPath(), durable: true });
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dir, '.s.PGSQL.5432'))).mode & 0o777).toBe(0o700);
    const sql = `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
      current_setting('listen_addresses') as tcp, current_setting('max_connections') as connections`;
    expect(await ask(url, sql)).toEqual({ fsync: 'on', commit: 'on', tcp: '', connections: '50' });
  });

  test('listens on a port of 127.0.0.1 when asked to', async () => {
    const port = await freePort();
    const { url } = await start({ dir: await newPath(), port });
    expect(await ask(url, 'select 1 as one')).toEqual({ one: 1 });
    expect(await ask(`postgres://postgres@127.0.0.1:${port}/postgres`, 'select 1 as one')).toEqual({
      one: 1,
    });
  });

  test.each([
    ['too long for a socket', 'x'.repeat(100)],
    ['full of what a shell reads', 'it\'s "$HOME", `100 %`'],
  ])('works on a path that is %s', async (_, name) => {
    const dir = await newPath(name);
    const server = await start({ dir });
    expect(basename(server.socketDir)).toMatch(/^chat-export-socket-/);
    expect(await ask(server.url, 'show data_directory')).toEqual({ data_directory: dir });
    await server.stop();
    await expect(access(server.socketDir)).rejects.toThrow('ENOENT');
  });

  test('has its socket under /tmp where the path of TMPDIR is too long for one, too', async () => {
    const dir = await newPath('x'.repeat(100));
    vi.stubEnv('TMPDIR', dir);
    const server = await start({ dir });
    expect(server.socketDir).toMatch(/^\/tmp\/chat-export-socket-/);
    expect(await ask(server.url, 'select 1 as one')).toEqual({ one: 1 });
    await server.stop();
    await expect(access(server.socketDir)).rejects.toThrow('ENOENT');
  });

  test('includes the log in its error when it does not start', async () => {
    const dir = await newPath();
    await (await start({ dir })).stop();
    await writeFile(join(dir, 'postgresql.conf'), "cluster_name = 'chat-export'\nno_such_setting = 1\n");
    await expect(start({ dir })).rejects.toThrow(/did not start: .*unrecognized.*no_such_setting/s);
  });
});

describe('a server left running', () => {
  test('by a killed process is adopted, and ended by the one who adopted it', async () => {
    const dir = await newPath();
    const { program, server } = await holdServer(dir);
    await ask(server.url, 'create table kept (id int)');
    program.kill('SIGKILL');
    await program.exit;
    expect(await isAlive(server.pid)).toBe(true);
    const adopted = await start({ dir });
    expect(adopted).toMatchObject({ pid: server.pid, url: server.url, adopted: true });
    expect(await ask(adopted.url, 'select count(*) from kept')).toEqual({ count: '0' });
    await adopted.stop();
    expect(await isAlive(server.pid)).toBe(false);
  });

  test('is found and used whatever the PG… variables say of servers elsewhere', async () => {
    const dir = await newPath();
    await start({ dir });
    const elsewhere = {
      ...{
        PGSSLMODE: 'require',
        PGSSLNEGOTIATION: 'direct',
        PGSSLROOTCERT: '/nowhere',
        PGREQUIREAUTH: 'none',
      },
      ...{ PGHOST: '127.0.0.1', PGHOSTADDR: '127.0.0.1', PGPORT: '1', PGUSER: 'nobody', PGDATABASE: 'none' },
      ...{ PGPASSWORD: 'hush', PGPASSFILE: dir, PGSERVICE: 'crm', PGOPTIONS: '-c no_such_setting=1' },
    };
    for (const [name, value] of Object.entries(elsewhere)) vi.stubEnv(name, value);
    const again = await start({ dir });
    expect(again.adopted).toBe(true);
    const client = await connect({ url: again.url, name: `embedded:${dir}`, purpose: 'test' });
    const { rows } = await client.query('select current_user as role, current_database() as name');
    await client.end();
    expect(rows).toEqual([{ role: 'postgres', name: 'postgres' }]);
  });

  test('that refuses permanently is reported at once, in its own words', async () => {
    const dir = await newPath();
    const { url } = await start({ dir });
    await ask(url, 'alter role postgres nologin');
    await expect(start({ dir })).rejects.toThrow(
      `embedded:${dir}: role "postgres" is not permitted to log in`,
    );
  });

  test('is shared with a process that lives, and the last one ends it', async () => {
    const dir = await newPath();
    const [{ program, server }, own] = await Promise.all([holdServer(dir), start({ dir })]);
    expect(own.pid).toBe(server.pid);
    expect([own.adopted, server.adopted].sort()).toEqual([false, true]);
    await own.stop();
    expect(await ask(server.url, 'select 1 as one')).toEqual({ one: 1 });
    program.kill('SIGTERM');
    expect(await program.exit).toMatchObject({ code: 0 });
    expect(await isAlive(server.pid)).toBe(false);
  });
});

describe('a server that died', () => {
  test('is followed by a new one that recovers its data', async () => {
    const dir = await newPath();
    const first = await start({ dir, durable: true });
    await ask(first.url, 'create table kept (id int)');
    process.kill(first.pid, 'SIGKILL');
    const second = await start({ dir });
    expect(second.adopted).toBe(false);
    expect(await ask(second.url, 'select count(*) from kept')).toEqual({ count: '0' });
  });

  test('is not taken for the process that got its number', async () => {
    const dir = await newPath();
    const first = await start({ dir });
    const left = await readFile(join(dir, 'postmaster.pid'), 'utf8');
    await first.stop();
    const stranger = await holdServer(await newPath());
    await writeFile(join(dir, 'postmaster.pid'), left.replace(/^\d+/, String(stranger.server.pid)));
    const second = await start({ dir });
    expect(second.adopted).toBe(false);
    stranger.program.kill('SIGTERM');
    await stranger.program.exit;
  });

  test('before its cluster was whole leaves nothing that stops the next', async () => {
    const dir = await newPath();
    await (await start({ dir })).stop();
    const names = await readdir(dir);
    const ready = join(dir, '.chat-export-cluster');
    await mkdir(ready);
    await mkdir(join(dir, '.chat-export-initdb-abc'));
    for (const name of names.slice(names.length / 2)) await rename(join(dir, name), join(ready, name));
    const again = await start({ dir });
    expect(await ask(again.url, 'select 1 as one')).toEqual({ one: 1 });
    expect((await readdir(dir)).filter((name) => /cluster$|initdb/.test(name))).toEqual([]);
  });
});

describe('a directory is refused', () => {
  test('that is not empty and no cluster', async () => {
    const dir = await temporaryDirectory();
    await writeFile(join(dir, 'thesis.txt'), '');
    await expect(start({ dir })).rejects.toThrow(`${dir} is not empty and holds no PostgreSQL cluster`);
    await expect(start({ dir })).rejects.toThrow(InvalidDestination);
    expect(await readdir(dir)).toEqual(['thesis.txt']);
  });

  test('of another major version', async () => {
    const dir = await temporaryDirectory();
    await writeFile(join(dir, 'PG_VERSION'), '16\n');
    await expect(start({ dir })).rejects.toThrow(
      `${dir} was made by PostgreSQL 16, the embedded binaries are`,
    );
  });

  test('whose cluster someone else made', async () => {
    const dir = await newPath();
    await (await start({ dir })).stop();
    await writeFile(join(dir, 'postgresql.conf'), '#cluster_name = chat-export\n');
    await expect(start({ dir })).rejects.toThrow('that this program did not make');
  });

  test('that is a file, or below one', async () => {
    const file = await newPath('file');
    await writeFile(file, '');
    await expect(start({ dir: file })).rejects.toThrow(DestinationError);
    await expect(start({ dir: join(file, 'db') })).rejects.toThrow(DestinationError);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
