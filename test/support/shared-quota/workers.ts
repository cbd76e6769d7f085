import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrateUp } from '../../../src/destinations/postgres/schema/migrations.ts';
import type { RateMargin } from '../../../src/resilience/rate-control.ts';
import { BEFORE_OTHERS } from '../before-others.ts';

export type WorkerInput = {
  /** The database whose row they share, and the schema. */
  readonly database: string;
  readonly schema: string;
  /** A simulation with the default app. */
  readonly endpoint: string;
  readonly users: number;
  /** Calls a second of all workers together. */
  readonly rate: number;
  readonly margin: RateMargin;
  /** Calls of one worker at a time. */
  readonly concurrency: number;
  /** False for a limiter of its own. */
  readonly leased?: boolean;
};

export type WorkerState = {
  readonly calls: number;
  readonly limited: number;
  readonly failed: number;
  readonly factor: number;
  readonly marginMs: number;
};

/** A process that makes calls under a shared quota until it is stopped. */
export interface Worker extends AsyncDisposable {
  state(): Promise<WorkerState>;
  signal(signal: NodeJS.Signals): void;
}

/** Creates the tables that workers share. */
export async function prepareQuota(database: string, schema: string): Promise<void> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    await migrateUp(client, schema);
  } finally {
    await client.end();
  }
}

/** Starts a worker. */
export function startWorker(input: WorkerInput): Worker {
  const module = fileURLToPath(new URL('worker.ts', import.meta.url));
  const [command = '', ...rest] = [...BEFORE_OTHERS, process.execPath, '--import', 'tsx', module];
  const child: ChildProcess = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  child.send(input);
  return {
    state: async () => {
      const answer = once(child, 'message');
      child.send('state');
      return (await answer)[0] as WorkerState;
    },
    signal: (signal) => {
      child.kill(signal);
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
