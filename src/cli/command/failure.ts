import { JobError } from '../../config/model/job-error.ts';
import {
  AbortedByStop,
  DestinationError,
  DestinationLocked,
  InvalidDestination,
  LockLost,
} from '../../destinations/contract/destination-error.ts';
import { QueryError } from '../../destinations/contract/query-error.ts';
import { ApiUnusable } from '../../run/errors/api-unusable.ts';
import { GuardTripped } from '../../run/errors/guard-tripped.ts';
import { RunRefused } from '../../run/errors/run-refused.ts';
import { SimulatorOptionsError } from '../../simulator/options/options-error.ts';
import { UserListError } from '../../user-list/user-list-error.ts';
import { exitCodes } from './exit-codes.ts';
import { UsageError } from './usage-error.ts';

/** How an error ends the program: its exit code, and the lines that say what to do. */
export type Failure = { readonly exitCode: number; readonly lines: readonly string[] };

const wrongAsked = [UsageError, RunRefused, InvalidDestination, QueryError];

/** What an error means for the one who started the program. One that is not known is a fault of the program. */
export function failureOf(error: unknown): Failure {
  if (error instanceof JobError || error instanceof UserListError) {
    return { exitCode: exitCodes.usage, lines: error.problems };
  }
  if (!(error instanceof Error)) return { exitCode: exitCodes.fault, lines: [String(error)] };
  const plain = (exitCode: number, next = ''): Failure => ({ exitCode, lines: [`${error.message}${next}`] });
  if (wrongAsked.some((kind) => error instanceof kind)) return plain(exitCodes.usage);
  if (error instanceof SimulatorOptionsError)
    return { exitCode: exitCodes.usage, lines: error.message.split('\n') };
  if (error instanceof ApiUnusable) return plain(exitCodes.api);
  if (error instanceof GuardTripped) return plain(exitCodes.guard);
  if (error instanceof DestinationLocked) return plain(exitCodes.locked, '; wait until it ends, or stop it');
  if (error instanceof LockLost) return plain(exitCodes.locked);
  // It was asked to end, and has: whoever sent the signal knows why.
  if (error instanceof AbortedByStop && (error.cause === 'SIGINT' || error.cause === 'SIGTERM'))
    return { exitCode: exitCodes[error.cause], lines: [] };
  if (error instanceof DestinationError) return plain(exitCodes.destination);
  return {
    exitCode: exitCodes.fault,
    lines: [`this is a bug in chat-export, please report it: ${error.stack ?? error.message}`],
  };
}
