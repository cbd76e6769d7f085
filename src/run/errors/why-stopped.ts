import { ChatExportError } from '../../errors/chat-export-error.ts';

/** Why an error ended a run, as its record has it. The text of a bug is left out: it may hold anything. */
export const reasonOf = (error: unknown): string =>
  error instanceof ChatExportError ? error.message : 'a bug in chat-export';

/** What is told where the record could not be. */
export const notNoted = (failure: unknown): string =>
  `the reason for the stop could not be recorded: ${failure instanceof Error ? failure.message : failure}`;

/** What is told where what an attempt saw over time could not be kept. */
export const notKept = (failure: unknown): string =>
  `the timeline of this attempt could not be saved: ${failure instanceof Error ? failure.message : failure}`;
