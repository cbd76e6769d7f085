import { expect } from 'vitest';
import { type FailingServer, failingServer } from '../support/failing-server.ts';
import type { Program } from '../support/program.ts';
import { whenOver } from '../support/when-over.ts';
import type { Fault } from './fault.ts';
import { type Scene, untilFrozen } from './scene.ts';

const serverOf = (scene: Scene): FailingServer => scene.destination as FailingServer;

/** Does something while the program stands still. */
async function frozen<T>(program: Program, work: () => Promise<T>): Promise<T> {
  program.kill('SIGSTOP');
  await untilFrozen(program);
  try {
    return await work();
  } finally {
    program.kill('SIGCONT');
  }
}

/** Waits until so many chunks are committed, whichever they are. */
async function untilCommitted(scene: Scene, chunks: number): Promise<void> {
  const client = await scene.database();
  const sql = 'select count(*)::int as chunks from chat_export.run_chunks where committed_at is not null';
  try {
    await expect
      .poll(async () => (await client.query(sql)).rows[0].chunks, { timeout: 60_000, interval: 20 })
      .toBeGreaterThanOrEqual(chunks);
  } finally {
    await client.end();
  }
}

/** A run before the one that meets the fault. */
async function earlierRun(scene: Scene): Promise<void> {
  expect(await scene.start().exit).toMatchObject({ code: 0 });
}

async function execute(scene: Scene, sql: string): Promise<void> {
  const client = await scene.database();
  await client.query(sql).finally(() => client.end());
}

const lost = /the server has lost what it had committed .*: \d+ users of the plan; it is repeated/;
const madeAgain = /the connection was lost and made again|the destination has recovered/;
// Long enough for the run to be at work still when the server has failed.
const slow = { '--rate': '60' };

/** A server that confirms a commit and does not have it afterwards. */
export const lostCommitFaults: readonly Fault[] = [
  {
    fault: 'the server fails over to a standby that lags',
    to: ['postgres 15'],
    on: () => failingServer(),
    args: slow,
    before: async (scene) => {
      const standby = await serverOf(scene).standby();
      failOver.set(scene, standby);
    },
    cause: async (scene, program) => {
      const standby = failOver.get(scene);
      await frozen(program, async () => standby?.cutOff());
      await untilCommitted(scene, 5);
      await frozen(program, async () => standby?.takeOver());
      return undefined;
    },
    ends: { code: 0, says: lost },
  },
  {
    fault: 'the server is restored to a moment of this run',
    to: ['postgres 15'],
    on: () => failingServer(),
    args: slow,
    cause: async (scene, program) => {
      const restore = await frozen(program, () => serverOf(scene).backUp());
      await untilCommitted(scene, 5);
      await frozen(program, restore);
      return undefined;
    },
    ends: { code: 0, says: lost },
  },
  {
    fault: 'the server is restored to a moment of this run when the run is finished, and before that is told',
    to: ['postgres 15'],
    on: () => failingServer(),
    start: (scene) => scene.startToFreezeAt('finished'),
    args: slow,
    cause: async (scene, program) => {
      const restore = await frozen(program, () => serverOf(scene).backUp());
      await untilFrozen(program);
      await restore();
      program.kill('SIGCONT');
      // It reaches that crash point again.
      const again = setInterval(() => program.kill('SIGCONT'), 200);
      whenOver(async () => clearInterval(again));
      return undefined;
    },
    ends: { code: 0, says: lost },
  },
  {
    fault: 'the server is restored to a moment before this run',
    to: ['postgres 15'],
    on: () => failingServer(),
    args: slow,
    before: async (scene) => {
      scene.set('--rate', '250');
      await earlierRun(scene);
      restores.set(scene, await serverOf(scene).backUp());
      scene.set('--rate', '60');
    },
    cause: async (scene, program) => {
      await frozen(program, async () => restores.get(scene)?.());
      return undefined;
    },
    ends: {
      code: 5,
      says: /chat-export: run 2 is no longer in the database: the database was restored, or failed over, to a state from before/,
    },
    next: [{ code: 0, says: /run \d+ of job default starts/ }],
  },
  {
    fault: 'the server has synchronous_commit = off, and crashes',
    to: ['postgres 15'],
    on: () =>
      failingServer(['synchronous_commit = off', 'wal_writer_delay = 10s', 'wal_writer_flush_after = 1GB']),
    args: slow,
    cause: async (scene, program) => {
      await untilCommitted(scene, 3);
      await frozen(program, () => serverOf(scene).crash());
      return undefined;
    },
    ends: { code: 0, says: madeAgain },
    // Nothing was lost, so only the open chunks were pulled again.
    holds: async (_, { stderr }) => expect(stderr).not.toMatch(/has lost what it had committed/),
  },
  {
    fault: 'the database loses every commit that it confirms',
    to: ['postgres 18', 'postgres 15'],
    api: { users: 20 },
    before: async (scene) => {
      await earlierRun(scene);
      await execute(
        scene,
        `create function chat_export.lose() returns trigger language plpgsql as
           $$ begin new.committed_at := null; return new; end $$;
         create trigger lose before update on chat_export.run_chunks
           for each row execute function chat_export.lose()`,
      );
    },
    ends: {
      code: 5,
      says: /chat-export: .*has lost what it had committed .*: 20 users of the plan, for the 6th time in this attempt/,
      noted: /has lost what it had committed/,
    },
    next: [
      {
        code: 0,
        says: /run 2 of job default resumes/,
        prepare: (scene) => execute(scene, 'drop trigger lose on chat_export.run_chunks'),
      },
    ],
  },
];

const failOver = new WeakMap<Scene, Awaited<ReturnType<FailingServer['standby']>>>();
const restores = new WeakMap<Scene, () => Promise<void>>();
