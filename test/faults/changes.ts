import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { temporaryDirectory } from '../support/directory.ts';
import type { End, Fault, Place } from './fault.ts';
import type { Scene } from './scene.ts';

const resumes: End = { code: 0, says: /run 1 of job default resumes/ };
const both: readonly Place[] = ['csv', 'postgres 18'];
const root = resolve(import.meta.dirname, '../..');

/** The changes between the stop of a run and the next attempt. */
const change = (fault: string, ...next: NonNullable<Fault['next']>): Fault => ({
  fault,
  to: both,
  cause: async (_, program) => {
    program.kill();
    return undefined;
  },
  ends: { code: 143, says: /SIGTERM/ },
  next,
});

const set =
  (option: string, value: string) =>
  async (scene: Scene): Promise<void> =>
    scene.set(option, value);

/** The program as a version that writes its rows in another way. */
async function anotherRowFormat(scene: Scene): Promise<void> {
  const place = await temporaryDirectory();
  for (const name of ['dist', 'migrations', 'package.json']) {
    await cp(join(root, name), join(place, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(place, 'node_modules'));
  const tables = join(place, 'dist/rows/tables.js');
  const text = await readFile(tables, 'utf8');
  const other = text.replace(/ROW_FORMAT = \d+/, 'ROW_FORMAT = 99');
  if (other === text) throw new Error('the row format is not where it was');
  await writeFile(tables, other);
  scene.options = { script: join(place, 'dist/cli/main.js') };
}

export const changes: readonly Fault[] = [
  change('the list has changed at the next attempt', {
    ...resumes,
    says: /the user list has changed since run 1 started; this run keeps its plan/,
    prepare: async (scene) => {
      const list = await readFile(scene.simulation.users, 'utf8');
      const other = join(await temporaryDirectory(), 'users.txt');
      await writeFile(other, `somebody-new\n${list.split('\n').slice(30).join('\n')}`);
      scene.set('--users', other);
    },
  }),
  change(
    'the endpoint is another at the next attempt',
    {
      code: 2,
      says: /run 1 is unfinished and cannot be resumed: the endpoint was http:\/\/127\.0\.0\.1:\d+, it is http:\/\/localhost:\d+ now; use --fresh to start a new run/,
      prepare: async (scene) =>
        scene.set('--endpoint', scene.simulation.url.replace('127.0.0.1', 'localhost')),
    },
    { ...resumes, prepare: async (scene) => scene.set('--endpoint', scene.simulation.url) },
  ),
  {
    ...change(
      'the app is another at the next attempt',
      {
        code: 2,
        says: /holds an export of app 1400000000 \(run 1 of the job "default", running\), but this job exports app 1400000001/,
        prepare: set('--sdk-app-id', '1400000001'),
      },
      { ...resumes, prepare: set('--sdk-app-id', '1400000000') },
    ),
    to: ['csv'],
  },
  {
    ...change(
      'the app is another at the next attempt, which has runs of its own',
      {
        code: 4,
        says: /run 2 of job default starts: this job has no earlier run here(.*\n)*chat-export: .*70020/,
        prepare: set('--sdk-app-id', '1400000001'),
      },
      { ...resumes, prepare: set('--sdk-app-id', '1400000000') },
    ),
    to: ['postgres 18'],
  },
  change('rate, concurrency and chunk size are others at the next attempt', {
    ...resumes,
    prepare: async (scene) => {
      scene.set('--rate', '500');
      scene.set('--concurrency', '3');
      scene.set('--chunk-size', '7');
    },
  }),
  change(
    'the row format is another at the next attempt',
    {
      code: 2,
      says: /run 1 is unfinished and cannot be resumed: the row format was \d+, it is 99 now; use --fresh to start a new run/,
      prepare: anotherRowFormat,
    },
    {
      code: 0,
      says: /run 2 of job default starts: --fresh; run 1 is closed as abandoned/,
      prepare: async (scene) => void scene.args.push('--fresh'),
    },
  ),
  change('the next attempt comes after --resume-within', {
    code: 0,
    says: /run 2 of job default starts: run 1 is unfinished but started \d+(?:\.\d)? s ago, over --resume-within 0\.0 s; it is closed as abandoned/,
    prepare: set('--resume-within', '1ms'),
  }),
];
