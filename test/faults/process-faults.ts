import { spawnSync } from 'node:child_process';
import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Program } from '../support/program.ts';
import { cutOff } from './database-faults.ts';
import type { Fault, Place, Repair } from './fault.ts';
import { expectRefused, type Scene, untilFrozen } from './scene.ts';

const everywhere: readonly Place[] = ['csv', 'parquet', 'postgres 18', 'embedded'];
const resumes = { code: 0, says: /run 1 of job default resumes/ };

/** From now on no call is answered, until the fault ends. */
async function answerNoMore({ simulation }: Scene): Promise<Repair> {
  await simulation.change({ script: [{ fault: 'stall', calls: [1, 1_000_000] }] });
  return () => simulation.change({ script: [] });
}

const signalled = (signal: NodeJS.Signals, code: number, to: readonly Place[]): Fault => ({
  fault: signal,
  to,
  cause: async (_, program) => {
    program.kill(signal);
    return undefined;
  },
  ends: {
    code,
    says: new RegExp(`${signal}: finishing calls in progress and committing complete chunks`),
    noted: new RegExp(`^${signal}$`),
  },
  // Pulled users were committed: a clean stop repeats only calls of users who were between two pages.
  holds: async (scene, { stdout }) => {
    const [, pages = ''] = /calls +([\d,]+)/.exec(stdout) ?? [];
    expect((await scene.calls()) - Number(pages.replace(',', ''))).toBeLessThanOrEqual(64);
  },
});

const signalledTwice = (signal: 'SIGTERM' | 'SIGINT', code: number, to: readonly Place[]): Fault => ({
  fault: `${signal} twice, while calls are under way`,
  to,
  api: { users: 200 },
  args: { '--timeout': '2m' },
  cause: async (scene, program) => {
    const repair = await answerNoMore(scene);
    program.kill(signal);
    await program.waitForLine(
      new RegExp(`${signal}: finishing calls in progress and committing complete chunks`),
    );
    program.kill(signal);
    // After one signal, the calls under way would have their time, and the end of the run would be shown and noted.
    expect((await program.exit).stdout).toBe('');
    return repair;
  },
  ends: { code, says: new RegExp(`${signal}: finishing calls in progress`), noted: null },
});

/** Another attempt resumes while the first is frozen, and the first is woken once the other has finished. */
async function succeed(scene: Scene, frozen: Program): Promise<void> {
  const successor = await scene.start().exit;
  expect(successor.stderr).toMatch(resumes.says);
  expect(successor).toMatchObject({ code: 0 });
  frozen.kill('SIGCONT');
}

const frozenInDatabase = (step: string, to: readonly Place[]): Fault => ({
  fault: `frozen at ${step}, cut off, and woken when its successor is done`,
  to,
  start: (scene) => scene.startToFreezeAt(step),
  at: step.startsWith('chunk') ? /chunk \d+ is committed/ : /run \d of job default starts: /,
  cause: async (scene, program) => {
    await untilFrozen(program);
    const client = await scene.database();
    await cutOff(client, program);
    await client.end();
    await succeed(scene, program);
    return undefined;
  },
  ends: { code: 8, says: /chat-export: run 1 no longer belongs to this process/ },
  next: [],
});

/** Another host to everybody who reads its name, as a container is. */
const ELSEWHERE = ['unshare', '--uts', 'sh', '-c', 'hostname elsewhere && exec "$@"', 'sh'];
const noUnshare = (): string | null =>
  spawnSync(ELSEWHERE[0] ?? '', [...ELSEWHERE.slice(1), 'true']).status === 0
    ? null
    : 'needs root and unshare';

/** The lock as it looks when its holder has been silent for longer than a living one would be. */
async function silence({ directory }: Scene): Promise<void> {
  const longAgo = new Date(Date.now() - 70_000);
  await utimes(join(directory, '.lock'), longAgo, longAgo);
  await stat(join(directory, '.lock'));
}

const frozenElsewhere = (step: string): Fault => ({
  fault: `frozen on another host at ${step}, taken for dead, and woken when its successor is done`,
  to: ['csv'],
  missing: noUnshare,
  start: (scene) => {
    scene.options = { via: ELSEWHERE };
    const program = scene.startToFreezeAt(step);
    scene.options = {};
    return program;
  },
  at: step.startsWith('chunk') ? /chunk \d+ is committed/ : /run \d of job default starts: /,
  cause: async (scene, program) => {
    await untilFrozen(program);
    const refused = await scene.start().exit;
    expect(refused).toMatchObject({ code: 8 });
    expect(refused.stderr).toMatch(/process \d+ on elsewhere, since 20.*, last sign of life 20/);
    await silence(scene);
    await succeed(scene, program);
    return undefined;
  },
  ends: { code: 8, says: /chat-export: the lock .* was lost while this run was at work/ },
  next: [],
});

export const processFaults: readonly Fault[] = [
  signalled('SIGTERM', 143, everywhere),
  signalled('SIGINT', 130, ['csv', 'postgres 18']),
  signalledTwice('SIGTERM', 143, everywhere),
  signalledTwice('SIGINT', 130, ['csv']),
  {
    fault: 'SIGTERM while calls are never answered',
    to: ['csv'],
    waits: true,
    api: { users: 200 },
    // By itself, a call would wait for longer than the scene lets a program live.
    args: { '--timeout': '10m' },
    cause: async (scene, program) => {
      const repair = await answerNoMore(scene);
      program.kill('SIGTERM');
      await program.exit;
      return repair;
    },
    ends: { code: 143, says: /SIGTERM: finishing calls in progress/, noted: /^SIGTERM$/ },
  },
  {
    fault: 'kill -9',
    to: everywhere,
    cause: async (_, program) => {
      program.kill('SIGKILL');
      return undefined;
    },
    ends: { code: 'SIGKILL', says: /run \d of job default starts: /, noted: null },
  },
  {
    fault: 'frozen while another attempt comes, and woken after that',
    to: everywhere,
    cause: async (scene, program) => {
      program.kill('SIGSTOP');
      await untilFrozen(program);
      await expectRefused(scene, program);
      program.kill('SIGCONT');
      return undefined;
    },
    ends: { code: 0, says: /run \d of job default starts: / },
  },
  frozenInDatabase('chunk-rows-written#3', ['postgres 18', 'embedded']),
  frozenInDatabase('finish-begun', ['postgres 18']),
  frozenElsewhere('chunk-begun#3'),
  frozenElsewhere('chunk-rows-written#3'),
  frozenElsewhere('finish-begun'),
  frozenElsewhere('file-placed'),
];
