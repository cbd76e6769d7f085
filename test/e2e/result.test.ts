import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { NO_COUNTS } from '../../src/destinations/contract/counts.ts';
import { recordText } from '../../src/destinations/files/storage/run-record.ts';
import { temporaryDirectory } from '../support/directory.ts';
import { SECRET_KEY } from '../support/simulation.ts';

const main = resolve(import.meta.dirname, '../../dist/cli/main.js');
const usersig = ['usersig', '--sdk-app-id', '1400000000'];

let directory: string;
beforeAll(async () => {
  directory = `${await temporaryDirectory()}/export`;
  await mkdir(directory);
  const instant = '2026-11-22T03:00:00.000Z';
  const record = {
    job: 'default',
    sdkAppId: 1400000000,
    endpoint: 'https://api.example.com',
    rowFormat: 1,
    keyFingerprint: null,
    freeTextDropped: false,
    runId: 1,
    status: 'finished',
    startedAt: instant,
    finishedAt: instant,
    stopReason: null,
    error: null,
    attempts: 1,
    retryOfRun: null,
    chunkSize: 200,
    list: {
      lines: 5_000,
      users: 5_000,
      beyondLimit: 0,
      duplicates: 0,
      bad: 0,
      blank: 0,
      suppressed: 0,
      digest: 'd',
    },
    counts: NO_COUNTS,
  } as const;
  await writeFile(`${directory}/manifest.json`, recordText(record, 'csv'));
  const rows = Array.from({ length: 5_000 }, (_, i) => `u${i},1400000000,not_in_app,70107,,1\n`);
  const header = 'user_id,sdk_app_id,reason,error_code,error_info,attempts\n';
  await writeFile(`${directory}/unexported_users.csv`, [header, ...rows].join(''));
});

/** Runs the command with its standard output at `end` of a shell's line. */
async function runInto(end: string, args: readonly string[]): Promise<{ code: number; stderr: string }> {
  const script = `{ "$@"; echo "exit $?" >&2; } ${end}`;
  const { stderr } = await promisify(execFile)('sh', ['-c', script, 'sh', process.execPath, main, ...args], {
    env: { PATH: process.env.PATH, CHAT_EXPORT_TO: `csv:${directory}`, CHAT_EXPORT_SECRET_KEY: SECRET_KEY },
  });
  const [, reported = '', code] = /^(.*)exit (\d+)\n$/s.exec(stderr) ?? [];
  return { code: Number(code), stderr: reported };
}

describe.each([[['--version']], [usersig], [['runs', '--json']], [['show', '1']], [['show', '1', '--json']]])(
  'the result of %j',
  (args) => {
    test.runIf(existsSync('/dev/full'))(
      'ends it with 5 when it cannot be written, reported once (needs /dev/full)',
      async () => {
        const { code, stderr } = await runInto('> /dev/full', args);
        expect(code).toBe(5);
        expect(stderr).toMatch(
          /^(valid until .*\n)?chat-export: the result could not be written: the disk is full \(ENOSPC\)\n(valid until .*\n)?$/,
        );
      },
    );

    test('is not an error when its reader leaves early', async () => {
      expect(await runInto('| true', args)).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/^(valid until .*\n)?$/),
      });
    });
  },
);
