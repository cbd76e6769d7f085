import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { differences, type TestDestination } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { csvRows } from '../support/rows.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';

const root = resolve(import.meta.dirname, '../..');

describe.runIf(process.env.TEST_PACKAGING)('the package that npm pack makes (needs TEST_PACKAGING=1)', () => {
  let files: readonly string[];
  let place: string;

  const inPlace = (command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { PATH = '', HOME = '' } = process.env;
    return promisify(execFile)(command, args, { cwd: place, env: { PATH, HOME, ...env } });
  };

  const chatExport = (args: readonly string[], env?: Readonly<Record<string, string>>) =>
    inPlace('npx', ['--no', '--', 'chat-export', ...args], env);

  beforeAll(async () => {
    place = await temporaryDirectory();
    // `prepack` would build files that other tests are using now.
    const { stdout } = await promisify(execFile)(
      'npm',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', place],
      { cwd: root },
    );
    const [packed] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
    files = packed.files.map(({ path }) => path);
    await inPlace('npm', ['install', '--no-audit', '--no-fund', `./${packed.filename}`]);
  });

  test('holds the command, the migrations and the jobs, and nothing of tests and sources', async () => {
    const folders = new Set(files.map((path) => path.split('/')[0]));
    expect([...folders].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'dbt',
      'dist',
      'docs',
      'job.schema.json',
      'jobs',
      'migrations',
      'package.json',
    ]);
    for (const folder of ['jobs', 'migrations']) {
      const names = (await readdir(join(root, folder))).map((name) => `${folder}/${name}`);
      expect(files.filter((path) => path.startsWith(`${folder}/`)).sort()).toEqual(names.sort());
    }
    expect(files.filter((path) => path.startsWith('dist/') && !/\.(js|d\.ts)$/.test(path))).toEqual([]);
  });

  test('has its command', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(await chatExport(['--version'])).toEqual({
      stdout: `${version}\n`,
      stderr: '',
    });
  });

  test('has its face as a library', async () => {
    const script =
      "const face = await import('tencent-chat-export'); console.log(Object.keys(face).filter((name) => /^[a-z]/.test(name)).join(' '))";
    const { stdout } = await inPlace(process.execPath, ['--input-type=module', '--eval', script]);
    expect(stdout).toBe('createClient exportContactGroups isChatExportError pullContactGroups\n');
  });

  test.each([
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])(
    'has types that a compiler with --module %s --moduleResolution %s reads without those of Node.js',
    async (module, moduleResolution) => {
      await writeFile(
        join(place, 'program.mts'),
        `import { type ExportOutcome, type PulledUser, exportContactGroups, pullContactGroups } from 'tencent-chat-export';
      const app = { region: 'singapore', sdkAppId: 1, secretKey: 'x' } as const;
      export const outcome: Promise<ExportOutcome> = exportContactGroups({ ...app, users: 'users.txt', to: 'csv:export' });
      export const users: AsyncIterable<PulledUser> = pullContactGroups(['amy'], app, { signal: AbortSignal.timeout(1) });
      // @ts-expect-error there are types, and they tell what is wrong
      pullContactGroups(1, app);
      `,
      );
      const options = {
        strict: 'true',
        noEmit: 'true',
        skipLibCheck: 'false',
        target: 'es2022',
        lib: 'es2022,dom',
        module,
        moduleResolution,
      };
      const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
      const tsc = join(root, 'node_modules/typescript/bin/tsc');
      const said = await inPlace(process.execPath, [tsc, 'program.mts', ...flags]).catch((error) => error);
      expect(said.stdout).toBe('');
    },
  );

  test('exports to files and to an embedded database', async () => {
    const simulation = await startSimulation({ users: 30, seed: 62, rate: 1_000 });
    const target: TestDestination = {
      to: 'csv:export',
      rows: (table) => csvRows(join(place, 'export'), table),
    };
    for (const to of [target.to, 'embedded:trial']) {
      const { args, env } = runAgainst(simulation, to);
      await chatExport(args, env);
    }
    expect(await differences(simulation.expectedDir, target)).toEqual({});
    const query = ['sql', 'select count(*) as n from exported_users', '--to', 'embedded:trial'];
    const { stdout } = await chatExport(query);
    expect(stdout).toBe('  n\n----\n 30\n(1 row)\n');
  });
});
