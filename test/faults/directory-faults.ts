import { chmod, chown, mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { canRunAsSomeone, someone } from '../support/another-account.ts';
import { embeddedDestination } from '../support/destinations.ts';
import { csvRows } from '../support/rows.ts';
import { smallDisk } from '../support/small-disk.ts';
import { killServer } from './database-faults.ts';
import type { Cause, Fault, Repair } from './fault.ts';
import type { Scene } from './scene.ts';

const needsRoot = (): string | null =>
  process.platform === 'linux' && process.getuid?.() === 0 ? null : 'needs root and Linux';

async function diskOf(megabytes: number): Promise<string> {
  const disk = await smallDisk(megabytes);
  if (disk === undefined) throw new Error('root may not mount a file system here');
  return disk;
}

/** An export's directory on a disk of 2 MB. */
async function onSmallDisk() {
  const directory = join(await diskOf(2), 'export');
  return {
    to: `csv:${directory}`,
    rows: (table: Parameters<typeof csvRows>[1]) => csvRows(directory, table),
  };
}

const ballastOf = (scene: Scene): string => join(dirname(scene.directory), 'ballast');

/** Fills the disk but for so many bytes. */
async function fill(scene: Scene, left: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(scene.directory));
  await writeFile(ballastOf(scene), Buffer.alloc(bavail * bsize - left));
}

/** Fills the disk to its last byte, while a server may be growing its files on it. */
async function fillUp(scene: Scene): Promise<Repair> {
  await fill(scene, 0).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOSPC') throw error;
  });
  return () => rm(ballastOf(scene));
}

const onServersDisk = (fault: string, cause: Cause, says: RegExp): Fault => ({
  fault,
  to: ['embedded'],
  missing: needsRoot,
  on: async () => await embeddedDestination('database', await diskOf(160)),
  api: { users: 200 },
  cause,
  ends: { code: 5, says },
});

/** The export runs under an account other than root, which permissions do not stop. */
async function asSomeone(scene: Scene): Promise<void> {
  await mkdir(scene.directory);
  await chown(scene.directory, someone.uid, someone.gid);
  scene.options = { account: someone };
}
const needsAccount = (): string | null => (canRunAsSomeone ? null : 'needs root, to run as another account');

export const directoryFaults: readonly Fault[] = [
  {
    fault: 'the disk is full while rows are written',
    to: ['csv'],
    missing: needsRoot,
    on: onSmallDisk,
    before: (scene) => fill(scene, 100 * 1024),
    ends: { code: 5, says: /chat-export: cannot write to .*: the disk is full \(ENOSPC\); free some space/ },
    next: [{ code: 0, says: /run 1 of job default resumes/, prepare: (scene) => rm(ballastOf(scene)) }],
  },
  {
    fault: 'the disk is full while the run is planned',
    to: ['csv'],
    missing: needsRoot,
    on: onSmallDisk,
    before: (scene) => fill(scene, 12 * 1024),
    ends: { code: 5, says: /chat-export: cannot write to .*: the disk is full \(ENOSPC\); free some space/ },
    next: [
      {
        code: 0,
        says: /run 1 of job default starts/,
        prepare: async (scene) => {
          expect(await scene.calls()).toBe(0);
          await rm(ballastOf(scene));
        },
      },
    ],
  },
  onServersDisk(
    "the server's disk is full",
    fillUp,
    /chat-export: embedded:.*No space left on device \(53100\); free some space there/,
  ),
  onServersDisk(
    "the server's disk is full, and the server dies",
    async (scene) => {
      const repair = await fillUp(scene);
      await killServer(scene);
      return repair;
    },
    // If the server has room to start again, the next chunk has none.
    /chat-export: .*No space left on device/,
  ),
  {
    fault: 'the directory becomes read-only',
    to: ['csv'],
    missing: needsAccount,
    before: asSomeone,
    cause: async ({ directory }) => {
      await chmod(directory, 0o500);
      return () => chmod(directory, 0o700);
    },
    ends: {
      code: 5,
      says: /chat-export: cannot write to .*: permission denied \(EACCES\); give this account the right/,
    },
  },
  {
    fault: 'the directory is read-only from the start',
    to: ['csv'],
    missing: needsAccount,
    before: async (scene) => {
      await asSomeone(scene);
      await chmod(scene.directory, 0o500);
    },
    ends: {
      code: 5,
      says: /chat-export: cannot write to .*: permission denied \(EACCES\); give this account the right/,
    },
    next: [
      {
        code: 0,
        says: /run 1 of job default starts/,
        prepare: async (scene) => {
          expect(await scene.calls()).toBe(0);
          await chmod(scene.directory, 0o700);
        },
      },
    ],
  },
  {
    fault: 'the directory vanishes',
    to: ['csv', 'embedded'],
    cause: async ({ directory }) => {
      // In one step: a missing file would be reported as such.
      await rename(directory, `${directory}-away`);
      return undefined;
    },
    ends: { code: 5, says: /chat-export: the directory .* was removed with the export in it/ },
    next: [{ code: 0, says: /run 1 of job default starts: this job has no earlier run here/ }],
  },
];
