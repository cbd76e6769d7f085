import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import pg from 'pg';
import { expect, test } from 'vitest';
import { signUserSig } from '../../src/chat-api/user-sig.ts';
import { createDatabase } from '../support/database.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { runAgainst, SECRET_KEY, startSimulation } from '../support/simulation.ts';

/** UserSigs in a text: long words of the alphabet that the vendor's base64 uses, which inflate. */
function userSigsIn(text: string): string[] {
  return [...text.matchAll(/eJ[A-Za-z0-9*_-]{60,}/g)]
    .map(([word]) => word)
    .filter((word) => {
      const base64 = word.replaceAll('*', '+').replaceAll('-', '/').replaceAll('_', '=');
      try {
        return inflateSync(Buffer.from(base64, 'base64')).includes('TLS.');
      } catch {
        return false;
      }
    });
}

function expectNoSecret(text: string): void {
  expect(text).not.toContain(SECRET_KEY);
  expect(userSigsIn(text)).toEqual([]);
}

/** The part of a process that every user of this machine can read. */
const commandLineOf = async (pid: number): Promise<string> =>
  process.platform === 'linux'
    ? await readFile(`/proc/${pid}/cmdline`, 'utf8')
    : execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });

test('a UserSig in a text is found', () => {
  const claims = { sdkAppId: 1400000000, identifier: 'administrator', issuedAt: 1, lifetime: 1 };
  expect(userSigsIn(`{"path":"/v4?usersig=${signUserSig(claims, SECRET_KEY)}&random=1"}`)).toHaveLength(1);
});

test('neither the key nor a UserSig is in the output, the files, the database or the process list, even at trace', async () => {
  const simulation = await startSimulation({
    users: 200,
    rate: 1_000,
    failing: 0.05,
    notImported: 0.05,
    faults: { '50004': 0.05, reset: 0.03, cut: 0.03, garbage: 0.03, http502: 0.03 },
  });
  const directory = join(await temporaryDirectory(), 'export');
  const { url } = await createDatabase();
  for (const to of [`csv:${directory}`, url]) {
    const { args, env } = runAgainst(simulation, to, '--rate', '500', '--max-attempts', '2');
    const noisy = args.map((arg) => (arg === 'debug' ? 'trace' : arg));
    const run = startProgram(noisy, { env });
    await run.waitForLine(/run 1 of job default starts/);
    expectNoSecret(await commandLineOf(run.pid));
    const { code, stdout, stderr } = await run.exit;
    expect(code).toBe(3);
    expectNoSecret(stdout + stderr);
  }
  for (const name of await readdir(directory)) expectNoSecret(await readFile(join(directory, name), 'utf8'));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const table of ['runs', 'run_chunks', 'run_attempts', 'unexported_users']) {
    const { rows } = await client.query(`select t::text as row from chat_export.${table} t`);
    expect(rows.length).toBeGreaterThan(0);
    expectNoSecret(rows.map((row) => String(row.row)).join('\n'));
  }
  await client.end();
});

test('a refused key is not in its message', async () => {
  const simulation = await startSimulation({ users: 10 });
  const { args, env } = runAgainst(simulation, `csv:${join(await temporaryDirectory(), 'export')}`);
  const key = '0123456789abcdef'.repeat(4);
  const { code, stdout, stderr } = await runProgram(args, { env: { ...env, CHAT_EXPORT_SECRET_KEY: key } });
  expect(code).toBe(4);
  expect(stdout + stderr).not.toContain(key);
  expect(userSigsIn(stdout + stderr)).toEqual([]);
});
