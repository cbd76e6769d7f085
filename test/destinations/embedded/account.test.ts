import { chmod, chown, lstat, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { namedAccount } from '../../../src/destinations/embedded/account.ts';
import { canRunAsSomeone, someone } from '../../support/another-account.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { ask, asRoot, holdServer, start } from './embedded-ground.ts';

describe.runIf(asRoot)('as root (needs root)', () => {
  test('the server of a new directory runs as an unused account, which owns it', async () => {
    const dir = join(await temporaryDirectory(), 'db');
    const server = await start({ dir });
    const { uid } = await stat(`/proc/${server.pid}`);
    expect(uid).not.toBe(0);
    const named = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':')[2]);
    expect(named).not.toContain(String(uid));
    expect(await stat(dir)).toMatchObject({ uid, gid: uid, mode: 0o40700 });
    const made = (await readdir(dir, { recursive: true })).filter(
      (entry) => !entry.startsWith('.chat-export-'),
    );
    for (const entry of made) expect(await lstat(join(dir, entry))).toMatchObject({ uid, gid: uid });
    expect(await ask(server.url, 'select 1 as one')).toEqual({ one: 1 });
  });

  test('the server of a directory whose owner has no name keeps that owner', async () => {
    const dir = await temporaryDirectory();
    const { uid, gid } = await namedAccount();
    await chown(dir, uid, gid);
    const server = await start({ dir });
    expect(await stat(`/proc/${server.pid}`)).toMatchObject({ uid, gid });
    await server.stop();
    expect(await ask((await start({ dir })).url, 'select 1 as one')).toEqual({ one: 1 });
    expect(await stat(join(dir, 'PG_VERSION'))).toMatchObject({ uid, gid });
  });

  test("the server of an ordinary user's directory runs as that user", async () => {
    const dir = await temporaryDirectory();
    await chown(dir, someone.uid, someone.gid);
    const server = await start({ dir });
    expect(await stat(`/proc/${server.pid}`)).toMatchObject(someone);
    expect(await stat(join(dir, 'PG_VERSION'))).toMatchObject(someone);
  });

  test('a cluster that root restored from a copy is handed over', async () => {
    const dir = join(await temporaryDirectory(), 'db');
    await (await start({ dir })).stop();
    await chown(dir, 0, 0);
    await chown(join(dir, 'PG_VERSION'), 0, 0);
    expect(await ask((await start({ dir })).url, 'select 1 as one')).toEqual({ one: 1 });
  });

  test('a directory that the user cannot reach is refused by the name of the closed one', async () => {
    const closed = join(await temporaryDirectory(), 'closed');
    await mkdir(join(closed, 'below'), { recursive: true });
    await chmod(closed, 0o700);
    await expect(start({ dir: join(closed, 'below', 'db') })).rejects.toThrow(
      `may not enter ${closed}. chmod o+x`,
    );
  });
});

describe.runIf(canRunAsSomeone)(
  'as an ordinary user (needs root, in a clone that other accounts reach)',
  () => {
    test('the server just runs, and root may share it', async () => {
      const dir = await temporaryDirectory();
      await chown(dir, someone.uid, someone.gid);
      const { program, server } = await holdServer(dir, { account: someone });
      expect(await stat(`/proc/${server.pid}`)).toMatchObject(someone);
      expect(await start({ dir })).toMatchObject({ pid: server.pid, adopted: true });
      program.kill('SIGTERM');
      expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
    });

    test('an account without a name, which initdb refuses, is reported', async () => {
      const dir = await temporaryDirectory();
      await chown(dir, 12_345, 12_345);
      const nameless = { uid: 12_345, gid: 12_345 };
      await expect(holdServer(dir, { account: nameless })).rejects.toThrow(
        'user 12345 to have a name: give it a line in /etc/passwd',
      );
      // Root makes the cluster for it.
      const server = await start({ dir });
      expect(await stat(`/proc/${server.pid}`)).toMatchObject(nameless);
    });

    test("another one's directory is refused", async () => {
      const dir = await temporaryDirectory();
      await writeFile(join(dir, 'PG_VERSION'), '18\n');
      await expect(holdServer(dir, { account: someone })).rejects.toThrow(
        `${dir} belongs to user 0, this process runs as user 1`,
      );
    });
  },
);
