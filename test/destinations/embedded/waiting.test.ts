import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AbortedByStop, DestinationTimeout } from '../../../src/destinations/contract/destination-error.ts';
import type { Waiting } from '../../../src/destinations/contract/waiting.ts';
import { processIdentity } from '../../../src/destinations/embedded/process.ts';
import { startEmbeddedServer } from '../../../src/destinations/embedded/server.ts';
import { temporaryDirectory } from '../../support/directory.ts';
import { whenOver } from '../../support/when-over.ts';

/** A directory whose start a process holds that is frozen. */
async function heldDirectory(): Promise<{ readonly dir: string; readonly pid: number }> {
  const dir = join(await temporaryDirectory(), 'db');
  await mkdir(dir, { mode: 0o700 });
  const starter = spawn('/bin/sleep', ['600'], { stdio: 'ignore' });
  await once(starter, 'spawn');
  whenOver(async () => void starter.kill('SIGKILL'));
  starter.kill('SIGSTOP');
  const pid = starter.pid ?? 0;
  await symlink((await processIdentity(pid)) ?? '', join(dir, '.chat-export-lock'));
  return { dir, pid };
}

const waitingFor = (change: Partial<Waiting>): Waiting => ({
  subject: 'the run',
  patienceMs: 600_000,
  option: '--max-outage',
  stop: new AbortController().signal,
  onNotice: () => {},
  ...change,
});

test('a frozen process with the start lock of an embedded server is named when --max-outage is over', async () => {
  const { dir, pid } = await heldDirectory();
  const start = startEmbeddedServer({ dir, waiting: waitingFor({ patienceMs: 0 }) });
  await expect(start).rejects.toThrow(
    new RegExp(
      `db: its server is being started or stopped by process ${pid} \\(/bin/sleep 600, stopped, as by Ctrl\\+Z, since 20\\S+Z\\) ` +
        `for over 0 s \\(--max-outage\\); end that process, or resume it \\(kill -CONT ${pid}\\)$`,
    ),
  );
  await expect(start).rejects.toBeInstanceOf(DestinationTimeout);
});

test('the wait is reported after ten seconds, and a stop ends it', async () => {
  const { dir, pid } = await heldDirectory();
  const stop = new AbortController();
  let reported = (_: string): void => {};
  const notice = new Promise<string>((resolve) => {
    reported = resolve;
  });
  const start = startEmbeddedServer({
    dir,
    waiting: waitingFor({ stop: stop.signal, onNotice: (text) => reported(text) }),
  });
  start.catch(() => {});
  expect(await notice).toContain(
    `its server is being started or stopped by process ${pid} (/bin/sleep 600, stopped`,
  );
  stop.abort('SIGTERM');
  await expect(start).rejects.toBeInstanceOf(AbortedByStop);
});
