import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { asFailure } from '../../src/cli/command/failure.ts';
import * as face from '../../src/index.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram } from '../support/program.ts';
import { SECRET_KEY, startSimulation } from '../support/simulation.ts';

const root = resolve(import.meta.dirname, '../..');
const page = await readFile(join(root, 'docs/library.md'), 'utf8');
const tsx = pathToFileURL(join(root, 'node_modules/tsx/dist/esm/index.mjs')).href;

/** The programs of the page, each under its heading and with the output that the page gives. */
const examples = [
  ...page.matchAll(/^## (.+)$(?:(?!^## )[\s\S])*?^```ts\n([\s\S]*?)^```\n\n```\n([\s\S]*?)^```$/gm),
].map(([, heading = '', program = '', output = '']) => ({ heading, program, output }));
const fileOf = (heading: string): string => `${heading.toLowerCase().replaceAll(' ', '-')}.ts`;

let place: string;

beforeAll(async () => {
  place = await temporaryDirectory();
  const simulation = await startSimulation({ users: 2_000, pageSize: 5 });
  await mkdir(join(place, 'expected'));
  await copyFile(simulation.users, join(place, 'expected/users.txt'));
  await writeFile(join(place, 'secret-key'), `${SECRET_KEY}\n`);
  await writeFile(join(place, 'package.json'), '{"type":"module"}');
  await mkdir(join(place, 'node_modules'));
  await symlink(root, join(place, 'node_modules/tencent-chat-export'), 'dir');
  await symlink(join(root, 'node_modules/@types'), join(place, 'node_modules/@types'), 'dir');
  for (const { heading, program } of examples) {
    await writeFile(
      join(place, fileOf(heading)),
      program.replaceAll('http://127.0.0.1:8099', simulation.url),
    );
  }
});

test('every program of the page is run', () => {
  expect(examples.map(({ program }) => program)).toEqual(
    [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, program]) => program),
  );
  expect(examples).toHaveLength(5);
});

test('the programs of the page pass the strict checks of the compiler', async () => {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: 'es2023',
    module: 'nodenext',
    types: ['node'],
  };
  await writeFile(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  // The message names the problem.
  await promisify(execFile)(process.execPath, [tsc], { cwd: place }).catch(({ stdout }) => {
    throw new Error(stdout);
  });
});

test.each(examples)('$heading', async ({ heading, output }) => {
  const script = join(place, fileOf(heading));
  const ended = await runProgram([], { script, cwd: place, env: { NODE_OPTIONS: `--import ${tsx}` } });
  expect(ended).toEqual({ code: 0, signal: null, stdout: output, stderr: '' });
});

test('the page lists every error with its code, its exit code, and whether the same call resumes the run', () => {
  const listed = [...page.matchAll(/^\| `(\w+)` \| `([A-Z_]+)` \| (\d+) \| (yes|no) \|/gm)].map(
    ([, name = '', code, exit, resumable]) => ({
      name,
      code,
      exitCode: Number(exit),
      resumable: resumable === 'yes',
    }),
  );
  const kinds = Object.entries(face).filter(([, value]) => value.prototype instanceof face.ChatExportError);
  expect(listed.map(({ name }) => name).sort()).toEqual(kinds.map(([name]) => name).sort());
  for (const row of listed) {
    const Kind = Object.fromEntries(kinds)[row.name] as unknown as new (message: string) => Error;
    const error = new Kind('x');
    expect(error).toMatchObject(row);
    expect(asFailure(error).exitCode).toBe(row.exitCode);
    expect(face.isChatExportError(error)).toBe(true);
  }
});

test('every error that the library exports extends its base class', () => {
  const errors = Object.entries(face).filter(([, value]) => value.prototype instanceof Error);
  const others = errors.filter(([, value]) => !(value.prototype instanceof face.ChatExportError));
  expect(others.map(([name]) => name)).toEqual(['ChatExportError']);
});
