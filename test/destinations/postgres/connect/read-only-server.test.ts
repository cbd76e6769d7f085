import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DestinationEvents } from '../../../../src/destinations/contract/destination.ts';
import { DestinationError } from '../../../../src/destinations/contract/destination-error.ts';
import { startEmbeddedServer } from '../../../../src/destinations/embedded/server.ts';
import { inspectSchema } from '../../../../src/destinations/postgres/read/inspect-schema.ts';
import { PostgresArchive } from '../../../../src/destinations/postgres/read/postgres-archive.ts';
import { databaseMigrations } from '../../../../src/destinations/postgres/schema/database-migrations.ts';
import { exitCodes } from '../../../../src/errors/exit-codes.ts';
import { temporaryDirectory } from '../../../support/directory.ts';
import { describeServers } from '../../../support/servers.ts';
import { all, app, newRun, only, resultOf, userIds } from '../../samples.ts';
import { PostgresGround } from '../ground.ts';

const databaseFinding = async (url: string, schema: string) => {
  const place = { url, name: 'postgres://test', schema, sdkAppId: app, job: 'default' };
  const { findings } = await inspectSchema({ ...place, runId: null, migrate: true });
  return findings.find(({ subject }) => subject === 'database');
};

describeServers('a server that takes no writes', (server) => {
  const ground = new PostgresGround(server);
  const database = (): string => new URL(ground.url).pathname.slice(1);
  const urlOf = (change: (url: URL) => void): string => {
    const url = new URL(ground.url);
    change(url);
    return url.href;
  };

  test.each([
    [
      'its database',
      () => `database ${database()}`,
      () => ground.url,
      /for database test_\w+; .* alter database test_\w+ reset/,
    ],
    [
      'the role',
      () => 'role looker',
      () => urlOf((url) => url.searchParams.set('user', 'looker')),
      /for role looker; .* alter role looker reset/,
    ],
    [
      'the role in its database',
      () => `role looker in database ${database()}`,
      () => urlOf((url) => url.searchParams.set('user', 'looker')),
      /for role looker in database test_\w+; .* alter role looker in database test_\w+ reset/,
    ],
    [
      'the URL',
      () => null,
      () => `${ground.url}&options=-c%20default_transaction_read_only=on`,
      /by the options of the connection; check PGOPTIONS/,
    ],
  ])(
    'by a default of %s is found by a check, and refused before a run begins',
    async (_, whose, url, reason) => {
      const schema = ground.schema();
      await ground.query(`create role looker login superuser`);
      const set = whose();
      if (set !== null) await ground.query(`alter ${set} set default_transaction_read_only = on`);
      try {
        const place = { url: url(), name: 'postgres://test', schema };
        for (const attempt of [
          () => ground.open(schema, { url: url() }),
          () => databaseMigrations(place, 'up'),
        ]) {
          const error = await attempt().catch((caught: unknown) => caught);
          expect(error).toBeInstanceOf(DestinationError);
          expect(String(error)).toMatch(
            /postgres:\/\/test takes no writes: default_transaction_read_only is on /,
          );
          expect(String(error)).toMatch(reason);
        }
        const finding = await databaseFinding(url(), schema);
        expect(finding).toMatchObject({ state: 'fail', exitCode: exitCodes.destination });
        expect(`${finding?.message}; ${finding?.hint}`).toMatch(reason);
      } finally {
        if (set !== null) await ground.query(`alter ${set} reset default_transaction_read_only`);
        await ground.query(`drop role looker`);
      }
    },
  );

  /** A run with one chunk whose sessions are opened again after `makeReadOnly`. */
  async function readOnlyInMidRun(maxOutageMs: number, events: Partial<DestinationEvents> = {}) {
    const schema = ground.schema();
    const silent = { onOutage: () => {}, onNotice: () => {} };
    const destination = await ground.open(schema, { maxOutageMs, events: { ...silent, ...events } });
    const run = await destination.begin(newRun(3, 3), [userIds(3)]);
    const chunk = only(await all(run.openChunks(1)));
    await ground.query(`alter database ${database()} set default_transaction_read_only = on`);
    await ground.terminate('writer');
    const writable = async (): Promise<void> => {
      await ground.query('set default_transaction_read_only = off');
      await ground.query(`alter database ${database()} reset default_transaction_read_only`);
    };
    return { schema, destination, run, chunk, writable };
  }

  test('in mid-run is awaited like an unavailable one', async () => {
    const reported: string[] = [];
    let seen = (): void => {};
    const noticed = new Promise<void>((resolve) => {
      seen = resolve;
    });
    const onOutage: DestinationEvents['onOutage'] = (outage) => {
      reported.push(outage === null ? 'back' : String(outage.cause));
      seen();
    };
    const { schema, destination, run, chunk, writable } = await readOnlyInMidRun(20_000, { onOutage });
    const committing = run.commit(resultOf(run, chunk));
    await noticed;
    await writable();
    expect(await committing).toMatchObject({ exported: 3, rowsWritten: 9 });
    expect(reported).toEqual([expect.stringContaining('in a read-only transaction'), 'back']);
    expect(await ground.query(`select from ${schema}.exported_users`)).toHaveLength(3);
    expect(await destination.lastRun('nightly')).toMatchObject({ attempts: 1, status: 'running' });
    await destination.close();
  });

  test('and stays so ends the run after the outage allowed, with nothing written', async () => {
    const { schema, destination, run, chunk, writable } = await readOnlyInMidRun(0);
    const error = await run.commit(resultOf(run, chunk)).catch((caught: unknown) => caught);
    await writable();
    expect(error).toBeInstanceOf(DestinationError);
    expect(String(error)).toMatch(
      /did not recover within 0 s; .*read-only transaction \(25006\); name the server/,
    );
    expect(await ground.query(`select from ${schema}.exported_users`)).toEqual([]);
    await destination.close();
  });
});

test('a standby is found by a check and refused before a run begins, and serves readers', async () => {
  const dir = join(await temporaryDirectory(), 'server');
  let server = await startEmbeddedServer({ dir, durable: false });
  const place = () => ({ url: server.url, name: 'postgres://test', schema: 'kept' });
  await databaseMigrations(place(), 'up');
  await server.stop();
  // This makes a server a standby, whatever it replays.
  await writeFile(join(dir, 'standby.signal'), '', { mode: 0o666 });
  server = await startEmbeddedServer({ dir, durable: false });
  try {
    await expect(databaseMigrations(place(), 'up')).rejects.toThrow(
      /is a standby server, which takes no writes; name the primary server in --to/,
    );
    const finding = await databaseFinding(server.url, 'kept');
    expect(finding).toMatchObject({
      state: 'fail',
      message: expect.stringContaining('but is a standby server'),
    });
    // Who only reads is served.
    expect((await databaseMigrations(place(), 'status')).pending).toEqual([]);
    const archive = await PostgresArchive.open(place());
    expect(await archive.runs({ sdkAppId: null, job: null }, 1)).toEqual([]);
    await archive.close();
  } finally {
    await server.stop();
  }
});
