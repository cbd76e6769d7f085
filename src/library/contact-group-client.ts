import { ChatExportError } from '../errors/chat-export-error.ts';
import { exitCodes } from '../errors/exit-codes.ts';
import type { Anomalies } from '../rows/normalize.ts';
import type { ContactGroupRow, ConversationRow, MembershipRow } from '../rows/tables.ts';
import type { FailedUser, UserNotInApp } from './unexported-user.ts';
import type { UserIds } from './user-ids.ts';

/**
 * A user all of whose pages were read. The rows are those of the tables, with the same columns and values: instants are texts such as
 * `2026-11-22T03:00:00Z`, `extra` is JSON text.
 */
export interface ExportedUser {
  readonly status: 'exported';
  readonly userId: string;
  readonly conversations: readonly ConversationRow[];
  readonly contactGroups: readonly ContactGroupRow[];
  readonly memberships: readonly MembershipRow[];
  /** Unusual or corrected values in the user's pages, counted. */
  readonly anomalies: Anomalies;
  readonly pages: number;
  /** Calls for the user; more than `pages` if some were repeated. */
  readonly calls: number;
}

/** The result of pulling one user; `status` says which. */
export type PulledUser = ExportedUser | UserNotInApp | FailedUser;

/** A loop that the caller can cancel. */
export interface Abortable {
  /** Ends the loop at once, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Pulls users of one app. All of its loops share one rate limiter, and so one quota. */
export interface ContactGroupClient {
  /**
   * Pulls users, and yields each as soon as all pages are read, in any order. At most `concurrency` users are started and
   * not yet taken. Leaving the loop, or the signal, cancels the calls in progress.
   * @throws while iterated: {@link ApiUnusable} when the API cannot be reached or refuses the app; {@link UserListError} for
   * an invalid user ID; {@link ClientClosed}; the signal's reason; and whatever `users` throws
   */
  pull(users: UserIds, control?: Abortable): AsyncGenerator<PulledUser, void, undefined>;
  /** Cancels the loops and closes all connections. */
  close(): Promise<void>;
}

/** The client was closed by `close()` while it pulled, or before it was asked to pull. */
export class ClientClosed extends ChatExportError {
  override readonly name = 'ClientClosed';
  readonly code = 'CLIENT_CLOSED';
  readonly exitCode = exitCodes.usage;
  readonly resumable = false;

  constructor() {
    super('the client is closed; create another client to pull users');
  }
}
