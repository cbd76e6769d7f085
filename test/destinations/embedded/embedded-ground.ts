import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { processIdentity } from '../../../src/destinations/embedded/process.ts';
import {
  type EmbeddedServer,
  type EmbeddedServerOptions,
  startEmbeddedServer,
} from '../../../src/destinations/embedded/server.ts';
import { type Program, type ProgramOptions, startProgram } from '../../support/program.ts';

const holder = fileURLToPath(new URL('./embedded-holder.mjs', import.meta.url));

export const asRoot = process.getuid?.() === 0;

/** A server that is stopped with its test. */
export async function start(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer({ durable: false, ...options });
  onTestFinished(() => server.stop());
  return server;
}

/** A process of its own that starts the server of `dir` and holds it until SIGTERM. */
export async function holdServer(
  dir: string,
  options: ProgramOptions = {},
): Promise<{ program: Program; server: Pick<EmbeddedServer, 'url' | 'pid' | 'adopted' | 'socketDir'> }> {
  const program = startProgram([dir], {
    script: holder,
    ...options,
  });
  const [line] = await program.waitForLine(/^\{.*\}$/);
  return { program, server: JSON.parse(line) };
}

/** The first row that a statement returns. */
export async function ask(url: string, sql: string): Promise<Record<string, unknown> | undefined> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows?.[0];
  } finally {
    await client.end();
  }
}

/** Whether a process runs; one that ended and was not reaped yet does not. */
export async function isAlive(pid: number): Promise<boolean> {
  return (await processIdentity(pid)) !== undefined;
}
