import { readErasure } from '../../../config/read-erasure.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { eraseUser, unsuppress } from '../../../run/erase-user.ts';
import { type CommandArguments, jobFileArgument } from '../../command/command.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { UsageError } from '../../command/usage-error.ts';
import { resultWidth } from '../../terminal/result-width.ts';
import { exitCodeOfSignal, stopOnSignals } from '../../terminal/stop-on-signals.ts';
import { eraseJson, eraseText, unsuppressedJson, unsuppressedText } from './erase-report.ts';

// Far more than an ID has. A longer text is refused without being read to its end.
const MAX_INPUT = 1_024;

/** `chat-export erase USER`: removes a user from a destination. */
export async function executeErase(flags: CommandArguments, surroundings: ProcessContext): Promise<number> {
  const { env, cwd, out, err } = surroundings;
  const { user, ...others } = flags;
  if (typeof user !== 'string' || user === '') {
    throw new UsageError('chat-export erase USER: a user ID is missing; - reads it from standard input');
  }
  const where = await readErasure({ flags: others, env, file: jobFileArgument(flags), cwd });
  const stop = stopOnSignals(surroundings);
  const report = (message: string): void => void err.write(`chat-export: ${message}\n`);
  const how = { asPeer: flags['as-peer'] === true, dryRun: flags['dry-run'] === true };
  if (flags.unsuppress === true && (how.asPeer || how.dryRun)) {
    throw new UsageError('--unsuppress excludes --as-peer and --dry-run: it removes nothing');
  }
  const userId = user === '-' ? await firstLine(surroundings.input()) : user;
  try {
    const options = {
      userId,
      stop,
      events: {
        onNotice: report,
        onOutage: (outage: unknown) =>
          report(outage === null ? 'the destination has recovered' : 'the destination is unavailable'),
      },
    };
    if (flags.unsuppress === true) {
      const unsuppressed = await unsuppress(where, options);
      out.write(where.json ? `${unsuppressedJson(unsuppressed)}\n` : unsuppressedText(unsuppressed));
      return exitCodes.done;
    }
    const result = await eraseUser(where, { ...options, ...how });
    const about = { ...result, ...how };
    out.write(where.json ? `${eraseJson(about)}\n` : eraseText(about, resultWidth(surroundings)));
    return exitCodes.done;
  } catch (error) {
    if (stop.aborted) return exitCodeOfSignal(stop);
    throw error;
  }
}

/** An ID on a command line stays in the shell's history, and every user of this machine can read it meanwhile. */
async function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const piece of input) {
    text += String(piece);
    if (text.length > MAX_INPUT || text.includes('\n')) break;
  }
  return /^[^\r\n]*/.exec(text)?.[0] ?? '';
}
