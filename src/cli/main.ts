#!/usr/bin/env node
import { runCommandLine } from './command-line.ts';
import { exitCodes } from './exit-codes.ts';

// A reader of the result that leaves early (`| head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : exitCodes.fault),
);

const exitCode = await runCommandLine({
  args: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  out: process.stdout,
  err: process.stderr,
  onSignal: (signal, listener) => process.on(signal, listener),
  endNow: (code) => process.exit(code),
});
// Whatever is still open must not keep a finished job from ending; the result is flushed first.
process.stdout.write('', () => process.exit(exitCode));
