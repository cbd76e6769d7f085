#!/usr/bin/env node
import { exitCodes } from '../errors/exit-codes.ts';
import { runCommandLine } from './command-line.ts';
import { restartWithBoundedNewSpace } from './terminal/bounded-heap.ts';

if (process.argv[2] === 'run') restartWithBoundedNewSpace();

// A reader of the result that leaves early (`| head`) is no fault; a result that nobody can have is told, once.
let isResultLost = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || isResultLost) return;
  isResultLost = true;
  process.stderr.write(`chat-export: the result could not be written: ${error.message}\n`);
});

// A log that cannot be written, as on a full disk, is no reason to end a run.
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
    // A terminal that closes, or a session over SSH that breaks off: no reason to leave without a word. Node listens to it even
    // under nohup.
    if (signal === 'SIGTERM') process.on('SIGHUP', listener);
  },
  endNow: (code) => process.exit(code),
  reraise: (signal) => {
    // The first process of a container is not ended by a signal that it does not listen to. This waits, though, for what
    // the system has under way, so others obey the signal itself.
    if (process.pid === 1) process.exit(exitCodes[signal]);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  },
});
// Whatever is still open must not keep a finished job from ending; the result is flushed first.
process.stdout.write('', () =>
  setImmediate(() =>
    process.exit(exitCode === exitCodes.done && isResultLost ? exitCodes.destination : exitCode),
  ),
);

function workingDirectory(): string | null {
  try {
    return process.cwd();
  } catch {
    // Removed, or not to be entered.
    return null;
  }
}
