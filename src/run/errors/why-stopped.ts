import { ChatExportError } from '../../errors/chat-export-error.ts';

/** The reason in the run's record when a guard stopped its last attempt. The record also has the message. */
export const STOPPED_BY_GUARD = 'guard';

/** Why an error ended a run, as its record has it. The text of a bug is left out: it may hold anything. */
export const recordedError = (error: unknown): string =>
  error instanceof ChatExportError ? error.message : 'a bug in chat-export';

/** The notice when the record could not be written. */
export const notNoted = (failure: unknown): string =>
  `the reason for the stop could not be recorded: ${failure instanceof Error ? failure.message : failure}`;

/** The notice when the timeline could not be saved. */
export const notKept = (failure: unknown): string =>
  `the timeline of this attempt could not be saved: ${failure instanceof Error ? failure.message : failure}`;
