#!/usr/bin/env node
import { exitCodes } from '../errors/exit-codes.ts';
import { errorText } from '../errors/system-error.ts';
import { runCommandLine } from './command-line.ts';
import { restartWithBoundedNewSpace } from './terminal/bounded-heap.ts';

if (process.argv[2] === 'run') restartWithBoundedNewSpace();

// A closed pipe (`| head`) is not an error. Another failure to write the result is reported once.
let isResultLost = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || isResultLost) return;
  isResultLost = true;
  process.stderr.write(`chat-export: the result could not be written: ${errorText(error)}\n`);
});

// A log that cannot be written, as on a full disk, does not end a run.
process.stderr.on('error', () => {});

const cwd = workingDirectory();
if (cwd === null) {
  process.stderr.write(
    'chat-export: the working directory no longer exists: change to another one, and run the command again\n',
  );
  process.exit(exitCodes.usage);
}

const exitCode = await runCommandLine({
  args: process.argv.slice(2),
  env: process.env,
  cwd,
  input: () => process.stdin,
  out: process.stdout,
  err: process.stderr,
  onSignal: (signal, listener) => {
    process.on(signal, listener);
    // A closed terminal, or a broken SSH session, must not end the process at once. Node listens to the signal even under nohup.
    if (signal === 'SIGTERM') process.on('SIGHUP', listener);
  },
  endNow: (code) => process.exit(code),
  reraise: (signal) => {
    // The first process of a container ignores signals without a listener. But this waits for pending operations of the system,
    // so other processes take the signal's default action.
    if (process.pid === 1) process.exit(exitCodes[signal]);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  },
});
// Open handles must not keep a finished job from ending. The result is flushed first.
process.stdout.write('', () =>
  setImmediate(() =>
    process.exit(exitCode === exitCodes.done && isResultLost ? exitCodes.destination : exitCode),
  ),
);

function workingDirectory(): string | null {
  try {
    return process.cwd();
  } catch {
    // Removed, or not accessible.
    return null;
  }
}
