import { execFile } from 'node:child_process';
import { chown, cp, mkdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { canRunAsSomeone, someone } from '../support/another-account.ts';
import { differences, type TestDestination } from '../support/destinations.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram } from '../support/program.ts';
import { csvRows } from '../support/rows.ts';
import { runAgainst, startSimulation } from '../support/simulation.ts';
import { letsThrough, type Stage, stagesOf } from './dockerfile.ts';

const root = resolve(import.meta.dirname, '../..');
/** Who runs the command, where that can be chosen: an account that owns nothing of the image. */
const account = canRunAsSomeone ? { account: someone } : {};

/** A stage when its lines are done. */
interface Built {
  readonly disk: string;
  readonly env: Record<string, string>;
  entryPoint: string[];
  workingDirectory: string;
  user: string;
}

/** Runs the lines of a stage without an engine: its file system is a directory. */
async function build(stage: Stage, disk: string, disks: ReadonlyMap<string, string>): Promise<Built> {
  const ignored = await readFile(join(root, '.dockerignore'), 'utf8');
  const built: Built = { disk, env: {}, entryPoint: [], workingDirectory: '/', user: 'root' };
  for (const { name, rest } of stage.instructions) {
    const here = join(disk, built.workingDirectory);
    if (name === 'WORKDIR') {
      built.workingDirectory = rest;
      await mkdir(join(disk, rest), { recursive: true });
    } else if (name === 'ENV') {
      const [, variable = '', value = ''] = /^(\w+)=(\S+)$/.exec(rest) ?? [];
      built.env[variable] = value;
    } else if (name === 'COPY') {
      const [, from, files = rest] = /^--from=(\S+) (.*)$/.exec(rest) ?? [];
      const sources = files.split(' ');
      const target = sources.pop() ?? '';
      for (const source of sources) {
        if (from === undefined) expect([source, letsThrough(ignored, source)]).toEqual([source, true]);
        const path = from === undefined ? join(root, source) : join(disks.get(from) ?? '', source);
        const into = target.endsWith('/') && !(await stat(path)).isDirectory() ? basename(source) : '';
        await cp(path, join(here, target, into), { recursive: true, verbatimSymlinks: true });
      }
    } else if (name === 'RUN' && rest.startsWith('npm ')) {
      const { PATH = '', HOME = '' } = process.env;
      await promisify(execFile)('sh', ['-c', rest], { cwd: here, env: { PATH, HOME, ...built.env } });
    } else if (name === 'RUN') {
      // The only thing that is done to the image's own file system.
      expect(rest).toBe('mkdir /data && chown node:node /data');
      await mkdir(join(disk, 'data'));
      if (account.account) await chown(join(disk, 'data'), account.account.uid, account.account.gid);
    } else if (name === 'ENTRYPOINT') built.entryPoint = JSON.parse(rest);
    else if (name === 'USER') built.user = rest;
    else expect(name).toBe('VOLUME');
  }
  return built;
}

describe.runIf(process.env.TEST_IMAGE)(
  'what the Dockerfile builds from the files that it copies (needs TEST_IMAGE=1)',
  () => {
    let image: Built;
    beforeAll(async () => {
      const place = await temporaryDirectory();
      const disks = new Map<string, string>();
      for (const stage of stagesOf(await readFile(join(root, 'Dockerfile'), 'utf8'))) {
        const disk = join(place, stage.name || 'image');
        await mkdir(disk);
        image = await build(stage, disk, disks);
        disks.set(stage.name, disk);
      }
    });

    const run = ({ args, env = {} }: { args: readonly string[]; env?: Readonly<Record<string, string>> }) => {
      const [node, script = ''] = image.entryPoint;
      expect(node).toBe('node');
      const cwd = join(image.disk, image.workingDirectory);
      return runProgram(args, {
        script: join(image.disk, script),
        cwd,
        env: { ...image.env, HOME: cwd, ...env },
        ...account,
      });
    };

    test('says its version, as a user who is not root', async () => {
      expect(image.user).toBe('node');
      const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
      expect(await run({ args: ['--version'] })).toMatchObject({
        code: 0,
        stdout: `${version}\n`,
        stderr: '',
      });
    });

    test('exports to files and to an embedded database in its working directory, and answers a query', async () => {
      const simulation = await startSimulation({ users: 30, seed: 61, rate: 1_000 });
      const files: TestDestination = {
        to: 'csv:export',
        rows: (table) => csvRows(join(image.disk, image.workingDirectory, 'export'), table),
      };
      expect(await run(runAgainst(simulation, files.to))).toMatchObject({ code: 0 });
      expect(await differences(simulation.expectedDir, files)).toEqual({});
      expect(await run(runAgainst(simulation, 'embedded:trial'))).toMatchObject({ code: 0 });
      const query = await run({
        args: ['sql', 'select count(*) as n from exported_users', '--to', 'embedded:trial'],
      });
      expect(query).toMatchObject({ code: 0, stdout: '  n\n----\n 30\n(1 row)\n' });
    });
  },
);
