import { DestinationError, LockLost } from '../../destinations/contract/destination-error.ts';
import { ApiUnusable } from './api-unusable.ts';
import { GuardTripped } from './guard-tripped.ts';

/** Why an error ended a run, as its record tells it. Of one that is not known, only that: its text may hold anything. */
export const reasonOf = (error: unknown): string =>
  [ApiUnusable, GuardTripped, DestinationError, LockLost].some((kind) => error instanceof kind)
    ? (error as Error).message
    : 'a bug in chat-export';

/** What is told where the record could not be. */
export const notNoted = (failure: unknown): string =>
  `the reason for the stop could not be recorded: ${failure instanceof Error ? failure.message : failure}`;

/** What is told where what an attempt saw over time could not be kept. */
export const notKept = (failure: unknown): string =>
  `the timeline of this attempt could not be saved: ${failure instanceof Error ? failure.message : failure}`;
