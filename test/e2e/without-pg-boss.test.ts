import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram } from '../support/program.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

const root = resolve(import.meta.dirname, '../..');

/** The program with its packages, but with another pg-boss: these files, or none. @returns its script */
async function programWith(pgBoss: Readonly<Record<string, string>> | null): Promise<string> {
  const place = await temporaryDirectory();
  const packages = join(place, 'node_modules');
  await mkdir(packages);
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name !== 'pg-boss') await symlink(join(root, 'node_modules', name), join(packages, name));
  }
  if (pgBoss !== null) await mkdir(join(packages, 'pg-boss'));
  for (const [file, text] of Object.entries(pgBoss ?? {}))
    await writeFile(join(packages, 'pg-boss', file), text);
  for (const name of ['dist', 'migrations', 'package.json'])
    await cp(join(root, name), join(place, name), { recursive: true });
  return join(place, 'dist/cli/main.js');
}

const packageJson = (version: string): string =>
  JSON.stringify({ name: 'pg-boss', version, type: 'module', main: 'index.js', pgboss: { schema: 1 } });

test.each([
  {
    what: 'is missing',
    pgBoss: null,
    said: 'the package pg-boss, which is not installed; run in DIRECTORY: npm install --no-save --save-peer pg-boss@12',
  },
  {
    what: 'is too old',
    pgBoss: { 'package.json': packageJson('12.37.1'), 'index.js': 'export const PgBoss = null;' },
    said: 'pg-boss 12.38 or a later 12, and 12.37.1 is installed; run in DIRECTORY: npm install --no-save --save-peer pg-boss@12',
  },
  {
    what: 'cannot be loaded by this Node.js',
    pgBoss: { 'package.json': packageJson('12.38.0'), 'index.js': 'this is later syntax' },
    said: `the package pg-boss, and Node.js ${process.version} cannot load it (`,
  },
])(
  'where pg-boss $what, --share ends with 2 before anything is asked, in one line that says what to do',
  async ({ pgBoss, said }) => {
    const script = await programWith(pgBoss);
    const simulation = await startSimulation({ users: 1 });
    // No database listens there.
    const { args, env } = runAgainst(simulation, 'postgres://exporter@127.0.0.1:1/analytics', '--share');
    const { code, stdout, stderr } = await runProgram(args, { env, script });
    expect(code, stderr).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringContaining(
        `--share needs ${said}`.replace('DIRECTORY', dirname(dirname(dirname(script)))),
      ),
    ]);
    expect((await simulation.report()).calls).toBe(0);
  },
);
