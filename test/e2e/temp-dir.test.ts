import { execFileSync } from 'node:child_process';
import { chmod, open, readdir, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { canRunAsSomeone, someone } from '../support/another-account.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { runProgram, startProgram } from '../support/program.ts';
import { SECRET_KEY } from '../support/simulation.ts';
import { smallDisk } from '../support/small-disk.ts';

const asRoot = process.getuid?.() === 0;
const env = { CHAT_EXPORT_SECRET_KEY: SECRET_KEY };
const command = (...more: string[]): string[] => [
  ...['run', '--to', 'csv:export', '--region', 'seoul', '--sdk-app-id', '1', ...more],
];

let place: string;
beforeEach(async () => {
  place = await temporaryDirectory();
});

/** So many user IDs of 32 bytes. */
const longList = (count: number): string =>
  Array.from({ length: count }, (_, n) => `user-${String(n).padStart(27, '0')}\n`).join('');

test.skipIf(process.platform === 'win32')(
  'kill -9 while a long list is read leaves nothing behind in --temp-dir (needs mkfifo)',
  async () => {
    const pipe = join(place, 'users.txt');
    execFileSync('mkfifo', [pipe]);
    const tempDir = await temporaryDirectory();
    const run = startProgram(command('--users', pipe, '--temp-dir', tempDir), { env, cwd: place });
    const writer = await open(pipe, 'w');
    try {
      // Everything that a pipe cannot hold has been read by now, far more than is kept in memory.
      await writer.writeFile(longList(500_000));
      if (process.platform === 'linux') {
        const descriptors = await readdir(`/proc/${run.pid}/fd`);
        const links = descriptors.map((fd) => `/proc/${run.pid}/fd/${fd}`);
        const files = await Promise.all(links.map((link) => readlink(link).catch(() => '')));
        const kept = links.filter((_, i) => files[i]?.startsWith(tempDir));
        expect(kept.length).toBeGreaterThan(0);
        for (const { mode, nlink } of await Promise.all(kept.map((link) => stat(link)))) {
          expect({ mode: mode & 0o777, nlink }).toEqual({ mode: 0o600, nlink: 0 });
        }
      }
      run.kill('SIGKILL');
      expect(await run.exit).toMatchObject({ signal: 'SIGKILL' });
      expect(await readdir(tempDir)).toEqual([]);
    } finally {
      await writer.close();
    }
  },
);

test.skipIf(!asRoot || process.platform !== 'linux')(
  'a disk that fills up while a list is read is named, with what to do (needs Linux, and root that may mount)',
  async ({ skip }) => {
    const disk = await smallDisk(2);
    if (disk === undefined) return skip('may not mount a file system');
    await writeFile(join(place, 'users.txt'), longList(500_000));
    const run = await runProgram(command('--users', 'users.txt', '--temp-dir', disk), { env, cwd: place });
    expect(run).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `chat-export: the user list cannot be kept in ${disk} while it is read: the disk is full (ENOSPC); free some space, or choose another directory with --temp-dir\n`,
    });
    expect(await readdir(disk)).toEqual([]);
    expect(await readdir(place)).toEqual(['users.txt']);
  },
);

test('a list whose temporary files outgrow what one file may have is refused in the same way', async () => {
  await writeFile(join(place, 'users.txt'), longList(500_000));
  const limited = join(import.meta.dirname, '../destinations/files/with-small-files.mjs');
  const main = join(import.meta.dirname, '../../dist/cli/main.js');
  const run = await runProgram([main, ...command('--users', 'users.txt')], {
    script: limited,
    env,
    cwd: place,
  });
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toMatch(/^chat-export: the user list cannot be kept in .*EFBIG.*--temp-dir\n$/);
});

test.each<[string, () => Promise<string>, RegExp]>([
  [
    'is not there',
    async () => 'nowhere',
    /--temp-dir .*nowhere: it does not exist \(ENOENT\); choose a directory in which this account can write files$/m,
  ],
  [
    'is a file',
    async () => {
      await writeFile(join(place, 'file'), '');
      return 'file';
    },
    /--temp-dir .*file: it is not a directory; choose a directory/,
  ],
  [
    'is below a file',
    async () => {
      await writeFile(join(place, 'file'), '');
      return 'file/below';
    },
    /--temp-dir .*below: a part of its path is not a directory \(ENOTDIR\); choose a directory/,
  ],
])('a --temp-dir that %s is refused before the list is read', async (_, make, reason) => {
  const dir = await make();
  const run = await runProgram(command('--users', 'nobody.txt', '--temp-dir', dir), { env, cwd: place });
  expect(run).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(reason) });
  expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
});

test.runIf(!asRoot || canRunAsSomeone)(
  'and so is one that may not be written to (as root, needs a clone that other accounts reach)',
  async () => {
    const dir = await temporaryDirectory();
    await chmod(dir, 0o555);
    const run = await runProgram(command('--users', 'users.txt', '--temp-dir', dir), {
      env,
      cwd: place,
      ...(asRoot ? { account: someone } : {}),
    });
    expect(run).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/--temp-dir .*: permission denied/),
    });
  },
);
