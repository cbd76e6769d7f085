import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type CrashPoint, erasureSteps } from '../../src/destinations/contract/crash-points.ts';
import { allTables } from '../../src/rows/tables.ts';
import { runHere } from '../support/command-line.ts';
import { csvDestination, gzipDestination, parquetDestination } from '../support/destinations.ts';
import { parquetObjects } from '../support/parquet.ts';
import { runProgram } from '../support/program.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

const preload = new URL('signal-at-step.js', import.meta.url).href;
const USER = 'user0000023';
const OTHER_USER = 'user0000031';
const UNFINISHED =
  /the erasure of a user, started at 2\S+Z, was not finished.*give the same erase command again/s;

/** Steps of a run by which a user's removal comes, too. */
const ofPublishing: readonly CrashPoint[] = ['file-placed', 'finished', 'tidied-up'];
/** Where a step is met for each table, the first and the last are tried. */
const perTable: readonly CrashPoint[] = ['table-rewritten', 'table-made', 'file-placed'];

/** The names of all files below a directory that hold a text, whatever their form. */
async function filesWith(text: string, directory: string): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    // The files of a run at work have no end yet.
    const content = isPacked ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes;
    if (bytes.includes(text) || content.includes(text)) found.push(path);
  }
  for (const table of allTables) {
    if (!entries.some((entry) => entry.name === table.name)) continue;
    const rows = await parquetObjects(directory, table);
    if (rows.some((row) => Object.values(row).some((value) => String(value).includes(text))))
      found.push(join(directory, table.name));
  }
  return found;
}

const kinds = [
  ['csv', csvDestination, []],
  ['csv by gzip', gzipDestination, []],
  ['parquet', parquetDestination, ['table-made']],
] as const;

describe.each(kinds)('erase, killed in %s', (_, destinationOf, ofItsOwn) => {
  const met: readonly CrashPoint[] = [...erasureSteps, ...ofItsOwn, ...ofPublishing];
  test.each(
    met.flatMap((step) => (perTable.includes(step) ? [step, `${step}#${allTables.length}`] : [step])),
  )('at %s, is accepted again and leaves no trace', async (step) => {
    const simulation = await startSimulation({ users: 40, seed: 3, rate: 5_000, oddUserIds: 0 });
    const { to, options = [] } = await destinationOf();
    const directory = to.slice(to.indexOf(':') + 1);
    const { args, env } = runAgainst(simulation, to, ...options, '--rate', '5000', '--chunk-size', '10');
    const erase = ['erase', USER, '--to', to, '--sdk-app-id', '1400000000'];
    const killedAt = async (at: string, args: readonly string[]): Promise<void> => {
      const killed = { NODE_OPTIONS: `--import=${preload}`, AT_STEP: at };
      const { signal, stdout, stderr } = await runProgram(args, { env: { ...env, ...killed } });
      expect(signal, `killed at ${at}; it said: ${stdout}${stderr}`).toBe('SIGKILL');
    };
    // A finished export, and an unfinished run beside it whose plan and rows have the user.
    expect(await runHere(args, { env })).toMatchObject({ code: 0 });
    await killedAt('chunk-committed#3', args);
    expect(await filesWith(USER, directory)).toContain(join(directory, '.run', 'plan'));
    await killedAt(step, [...erase, '--as-peer']);
    expect(await runHere([...erase, '--as-peer', '--json'], {})).toMatchObject({ code: 0, stderr: '' });
    expect(await filesWith(USER, directory)).toEqual([]);
    expect(await runHere(['verify'], { env: { CHAT_EXPORT_TO: to } })).toMatchObject({ code: 0 });
    const next = await runHere([...args, '--json'], { env });
    expect(JSON.parse(next.stdout)).toMatchObject({ outcome: 'finished', users: 39, users_suppressed: 1 });
    expect(await filesWith(USER, directory)).toEqual([]);
  });
});

const all = [...erasureSteps, ...ofPublishing].flatMap((step) =>
  perTable.includes(step) ? [step, `${step}#${allTables.length}`] : [step],
);

test.each(all)(
  'erase, killed at %s, is called unfinished by each command until it is given again',
  async (step) => {
    const simulation = await startSimulation({ users: 40, seed: 3, rate: 5_000, oddUserIds: 0 });
    const { to } = await csvDestination();
    const { args, env } = runAgainst(simulation, to, '--rate', '5000', '--chunk-size', '10');
    const erase = (user: string) => ['erase', user, '--to', to, '--sdk-app-id', '1400000000'];
    expect(await runHere(args, { env })).toMatchObject({ code: 0 });
    const killed = await runProgram(erase(USER), {
      env: { NODE_OPTIONS: `--import=${preload}`, AT_STEP: step },
    });
    expect(killed.signal, killed.stderr).toBe('SIGKILL');
    const check = () => runHere(['check', ...args.slice(1)], { env });
    expect((await check()).stdout).toMatch(UNFINISHED);
    expect(await runHere(erase(OTHER_USER), {})).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(UNFINISHED),
    });
    expect(await runHere(args, { env })).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(UNFINISHED),
    });
    expect(await runHere(erase(USER), {})).toMatchObject({ code: 0, stderr: '' });
    expect((await check()).stdout).not.toMatch(/erasure/);
    const last = await runHere(args, { env });
    expect(last.code, last.stderr).toBe(0);
    expect(last.stderr).not.toMatch(/erasure/);
  },
);
