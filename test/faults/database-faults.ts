import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { expect } from 'vitest';
import { readPostmaster } from '../../src/destinations/embedded/postmaster.ts';
import { startEmbeddedServer } from '../../src/destinations/embedded/server.ts';
import { type OwnServer, ownServer } from '../support/own-server.ts';
import type { Program } from '../support/program.ts';
import type { Fault, Place, Repair } from './fault.ts';
import { expectRefused, type Scene, untilFrozen } from './scene.ts';

// An embedded server is a PostgreSQL 18 like another: its column has only what its own server makes different.
const all: readonly Place[] = ['postgres 18', 'postgres 15'];
const madeAgain = /the connection was lost and made again|the destination has recovered/;

/** Ends sessions of a program, and waits until they are gone. */
export async function cutOff(client: pg.Client, { pid }: Program, purpose = '%'): Promise<void> {
  const { rowCount } = await client.query(
    `select pg_terminate_backend(pid, 10000) from pg_stat_activity
     where datname = current_database() and application_name like $1`,
    [`chat-export ${purpose}, process ${pid} on %`],
  );
  expect(rowCount).toBeGreaterThan(0);
}

/** Resolves once a query has rows. */
async function untilThereIs(client: pg.Client, sql: string): Promise<void> {
  while ((await client.query(sql)).rowCount === 0) await sleep(5);
}

const HELD = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

/** Holds a table as another program might; resolves once the program waits for it. */
async function holdTable(scene: Scene, table: string): Promise<() => Promise<void>> {
  const holder = await scene.database();
  await holder.query(`begin; lock table chat_export.${table} in access exclusive mode`);
  const watch = await scene.database();
  await untilThereIs(watch, HELD);
  await watch.end();
  return () => holder.end();
}

const needsLinux = (): string | null => (process.platform === 'linux' ? null : 'needs /proc');

/** Suspends the server process that works for the program. The returned function resumes it. */
async function freezeWorker(scene: Scene, { pid }: Program): Promise<Repair> {
  const client = await scene.database();
  const { rows } = await client.query(
    `select pid from pg_stat_activity where datname = current_database() and application_name like $1`,
    [`chat-export writer, process ${pid} on %`],
  );
  await client.end();
  const worker = Number(rows[0]?.pid);
  process.kill(worker, 'SIGSTOP');
  return async () => process.kill(worker, 'SIGCONT');
}

const serverOf = (scene: Scene): OwnServer => scene.destination as OwnServer;

/** Kills the server with everything that it has in memory. */
export async function killServer(scene: Scene): Promise<void> {
  if (!scene.destination.to.startsWith('embedded:')) {
    serverOf(scene).kill();
    return;
  }
  const postmaster = await readPostmaster(scene.directory);
  process.kill(postmaster?.pid ?? 0, 'SIGKILL');
}

export const databaseFaults: readonly Fault[] = [
  {
    fault: 'the server is killed and started again',
    to: ['postgres 18'],
    on: () => ownServer(),
    cause: async (scene) => {
      await killServer(scene);
      await serverOf(scene).startAgain();
      return undefined;
    },
    ends: { code: 0, says: madeAgain },
  },
  {
    fault: 'the server is killed and not back within --max-outage',
    to: ['postgres 18'],
    on: () => ownServer(),
    args: { '--max-outage': '1s' },
    cause: async (scene) => {
      await killServer(scene);
      return () => serverOf(scene).startAgain();
    },
    ends: { code: 5, says: /chat-export: .*did not recover within 1 s/ },
  },
  {
    fault: 'the server is killed: the run starts it again',
    to: ['embedded'],
    cause: async (scene) => {
      await killServer(scene);
      return undefined;
    },
    ends: { code: 0, says: /embedded:.*: its server had died and was started again/ },
  },
  {
    fault: 'the server is killed, and another command starts it again',
    to: ['embedded'],
    cause: async (scene, program) => {
      program.kill('SIGSTOP');
      await untilFrozen(program);
      await killServer(scene);
      const other = await startEmbeddedServer({ dir: scene.directory });
      program.kill('SIGCONT');
      await program.exit;
      await other.stop();
      return undefined;
    },
    ends: { code: 0, says: /embedded:.*: its server had died and runs again/ },
  },
  {
    fault: 'the server is killed as often as it is started again',
    to: ['embedded'],
    waits: true,
    cause: async (scene, program) => {
      let hasEnded = false;
      void program.exit.finally(() => {
        hasEnded = true;
      });
      const killed = new Set<number>();
      while (!hasEnded) {
        const { pid, ready } = (await readPostmaster(scene.directory)) ?? {};
        if (pid !== undefined && ready === true && !killed.has(pid)) {
          killed.add(pid);
          process.kill(pid, 'SIGKILL');
        }
        await sleep(20);
      }
      expect(killed.size).toBeGreaterThan(3);
      return undefined;
    },
    ends: {
      code: 5,
      says: /chat-export: embedded:.*: its server died 6 times within 10 min, and was not started again/,
    },
  },
  {
    fault: 'the server is frozen when all is done',
    to: ['embedded'],
    missing: needsLinux,
    waits: true,
    start: (scene) => scene.startToFreezeAt('tidied-up'),
    cause: async (scene, program) => {
      await untilFrozen(program);
      const { pid = 0 } = (await readPostmaster(scene.directory)) ?? {};
      process.kill(pid, 'SIGSTOP');
      program.kill('SIGCONT');
      return async () => process.kill(pid, 'SIGCONT');
    },
    ends: { code: 0, says: /the server of .* \(process \d+\) did not stop: / },
  },
  {
    fault: 'its connections are cut',
    to: all,
    cause: async (scene, program) => {
      const client = await scene.database();
      await cutOff(client, program);
      await client.end();
      return undefined;
    },
    ends: { code: 0, says: madeAgain },
  },
  {
    fault: "the lock's connection is cut: it is held again before anybody else can start",
    to: ['postgres 18'],
    cause: async (scene, program) => {
      const client = await scene.database();
      await cutOff(client, program, 'run');
      await untilThereIs(
        client,
        `select from pg_locks l join pg_database d on d.oid = l.database
         where l.locktype = 'advisory' and l.granted and l.mode = 'ExclusiveLock' and d.datname = current_database()`,
      );
      await client.end();
      program.kill('SIGSTOP');
      await untilFrozen(program);
      await expectRefused(scene, program);
      program.kill('SIGCONT');
      return undefined;
    },
    ends: { code: 0, says: madeAgain },
  },
  {
    fault: "the lock's connection is cut, and another session takes the lock",
    to: all,
    cause: async (scene, program) => {
      const taker = await scene.database();
      const taken = taker.query(
        "set application_name = 'taker'; select pg_advisory_lock(hashtextextended('chat-export:chat_export:1400000000', 0))",
      );
      const client = await scene.database();
      await untilThereIs(client, HELD);
      await cutOff(client, program, 'run');
      await taken;
      await client.end();
      return () => taker.end();
    },
    ends: {
      code: 8,
      says: /chat-export: the lock was lost while this run was at work: .*taker.*, since 20\d\d-/,
    },
  },
  ...(['conversations', 'runs'] as const).map(
    (table): Fault => ({
      fault: `another session holds the table ${table}, and lets it go`,
      to: table === 'runs' ? ['postgres 18'] : all,
      cause: async (scene) => {
        const letGo = await holdTable(scene, table);
        await letGo();
        return undefined;
      },
      ends: { code: 0, says: /run \d of job default starts: / },
    }),
  ),
  {
    fault: 'another session holds the table conversations, and lets it go only when that has been told',
    to: ['postgres 18'],
    waits: true,
    cause: async (scene, program) => {
      const letGo = await holdTable(scene, 'conversations');
      await program.waitForLine(
        /the run waits up to 30 min \(--max-outage\) for a lock of a session \(process \d+ of role postgres, /,
      );
      await letGo();
      return undefined;
    },
    ends: { code: 0, says: /run \d of job default starts: / },
  },
  {
    fault: 'another session holds the table conversations for longer than --max-outage',
    to: ['postgres 18'],
    waits: true,
    args: { '--max-outage': '1s' },
    cause: (scene) => holdTable(scene, 'conversations'),
    ends: {
      code: 5,
      says: /chat-export: .*the run waited over 1 s \(--max-outage\) for a lock of a session \(process \d+ of role/,
      noted: /^postgres.*: the run waited over 1 s \(--max-outage\) for a lock of /,
    },
  },
  {
    fault: 'the server is frozen, and thaws',
    to: ['postgres 18'],
    missing: needsLinux,
    on: () => ownServer(),
    waits: true,
    cause: async (scene, program) => {
      const thaw = await serverOf(scene).freeze();
      await program.waitForLine(/the destination is unavailable; .*no answer within 15 s/);
      thaw();
      return undefined;
    },
    ends: { code: 0, says: /the destination has recovered/ },
  },
  {
    fault: 'the server is frozen for longer than --max-outage',
    to: ['postgres 18'],
    missing: needsLinux,
    on: () => ownServer(),
    waits: true,
    args: { '--max-outage': '1s' },
    cause: async (scene) => {
      const thaw = await serverOf(scene).freeze();
      return async () => thaw();
    },
    ends: { code: 5, says: /chat-export: .*did not recover within 1 s.*no answer within 15 s/ },
  },
  {
    fault: 'SIGTERM twice while the server is frozen',
    to: ['postgres 18'],
    missing: needsLinux,
    on: () => ownServer(),
    cause: async (scene, program) => {
      const thaw = await serverOf(scene).freeze();
      program.kill('SIGTERM');
      await program.waitForLine(/SIGTERM: finishing calls in progress and committing complete chunks/);
      program.kill('SIGTERM');
      // After one signal, the calls under way would have their time, and the end of the run would be shown.
      expect((await program.exit).stdout).toBe('');
      return async () => thaw();
    },
    ends: { code: 143, says: /SIGTERM: finishing calls in progress/, noted: null },
  },
  {
    fault: "the server's process that works for the run is frozen for longer than --max-outage",
    to: ['postgres 18'],
    missing: needsLinux,
    waits: true,
    args: { '--max-outage': '1s' },
    cause: freezeWorker,
    ends: {
      code: 5,
      says: /chat-export: .*a statement did not finish within 1 s .*although the server answers/,
    },
  },
  {
    fault: 'SIGTERM while another session holds the table conversations',
    to: ['postgres 18'],
    waits: true,
    cause: async (scene, program) => {
      const letGo = await holdTable(scene, 'conversations');
      program.kill('SIGTERM');
      return letGo;
    },
    ends: { code: 143, says: /SIGTERM: /, noted: /^SIGTERM$/ },
  },
  {
    fault: '--max-duration is over while another session holds the table conversations',
    to: ['postgres 18'],
    waits: true,
    args: { '--max-duration': '15s', '--resume-within': '1ms' },
    cause: (scene) => holdTable(scene, 'conversations'),
    ends: { code: 7, says: /--max-duration is over: /, noted: /^max_duration$/ },
    next: [
      {
        code: 0,
        says: /run 1 of job default resumes: run 1 was stopped on time by --max-duration/,
        prepare: async (scene) => scene.set('--max-duration', '10m'),
      },
    ],
  },
  {
    fault: 'SIGTERM while the server is away',
    to: ['postgres 18'],
    on: () => ownServer(),
    waits: true,
    cause: async (scene, program) => {
      await killServer(scene);
      await program.waitForLine(/the destination is unavailable/);
      program.kill('SIGTERM');
      return () => serverOf(scene).startAgain();
    },
    ends: { code: 143, says: /SIGTERM: / },
  },
];
