import { signUserSig } from '../../../chat-api/user-sig.ts';
import { parseDuration } from '../../../config/parse/durations.ts';
import { readSigner } from '../../../config/read-signer.ts';
import { exitCodes } from '../../../errors/exit-codes.ts';
import { printable } from '../../../report/text/printable.ts';
import { type CommandArguments, jobFileArgument } from '../../command/command.ts';
import type { ProcessContext } from '../../command/process-context.ts';
import { UsageError } from '../../command/usage-error.ts';

const DEFAULT_LIFETIME = '1h';
// The default of the vendor's own helpers.
const LONGEST_MS = 180 * 24 * 3_600_000;

/** `chat-export usersig`: prints a UserSig on standard output, for a manual call. */
export async function executeUserSig(
  flags: CommandArguments,
  { env, cwd, out, err }: ProcessContext,
): Promise<number> {
  const lifetimeMs = readLifetime(flags.lifetime ?? DEFAULT_LIFETIME);
  const { sdkAppId, identifier, secretKey } = await readSigner({
    flags,
    env,
    file: jobFileArgument(flags),
    cwd,
  });
  const issuedAt = Math.floor(Date.now() / 1000);
  const lifetime = Math.round(lifetimeMs / 1000);
  out.write(`${signUserSig({ sdkAppId, identifier, issuedAt, lifetime }, secretKey.reveal())}\n`);
  const end = new Date((issuedAt + lifetime) * 1000).toISOString().replace('.000Z', 'Z');
  err.write(
    `valid until ${end}: until then, it gives full access to app ${sdkAppId} as ${printable(identifier)}\n`,
  );
  return exitCodes.done;
}

function readLifetime(given: unknown): number {
  if (typeof given !== 'string') throw new UsageError('--lifetime: given twice; give it once');
  try {
    const ms = parseDuration(given);
    if (ms >= 1_000 && ms <= LONGEST_MS) return ms;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`--lifetime ${given}: ${error.message}`);
  }
  throw new UsageError(`--lifetime ${given}: expected a duration from 1s to 180d`);
}
