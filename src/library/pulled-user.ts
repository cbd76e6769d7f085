import type { Anomalies } from '../rows/normalize.ts';
import type { ContactGroupRow, ConversationRow, MembershipRow } from '../rows/tables.ts';
import type { FailedUser, UserNotInApp } from './unexported-user.ts';

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
