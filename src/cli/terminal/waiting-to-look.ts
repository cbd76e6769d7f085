import type { Waiting } from '../../destinations/contract/waiting.ts';
import { printable } from '../../report/text/printable.ts';
import type { ProcessContext } from '../command/process-context.ts';

// A person may be waiting. To wait longer, they run the command again.
const LOOK_PATIENCE_MS = 60_000;

/** The waiting of a command that only reads: a minute, with a message on standard error after ten seconds. */
export const waitingToLook = (stop: AbortSignal, { err }: Pick<ProcessContext, 'err'>): Waiting => ({
  subject: 'this command',
  patienceMs: LOOK_PATIENCE_MS,
  option: null,
  stop,
  onNotice: (message) => void err.write(`chat-export: ${printable(message)}\n`),
});
