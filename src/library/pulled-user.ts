import type { Anomalies } from '../rows/normalize.ts';
import type { ContactGroupRow, ConversationRow, MembershipRow } from '../rows/tables.ts';
import type { FailedUser, UserNotInApp } from './unexported-user.ts';

/**
 * A user who was read whole. The rows are those of the tables, with the same columns and values: instants are texts such as
 * `2026-11-22T03:00:00Z`, `extra` is JSON text.
 */
export interface ExportedUser {
  readonly status: 'exported';
  readonly userId: string;
  readonly conversations: readonly ConversationRow[];
  readonly contactGroups: readonly ContactGroupRow[];
  readonly memberships: readonly MembershipRow[];
  /** What was suspicious or was mended in the user's pages, counted. */
  readonly oddities: Anomalies;
  readonly pages: number;
  /** Calls that were made for the user; more than `pages` where some had to be repeated. */
  readonly calls: number;
}

/** What came of pulling one user; `status` tells which. */
export type PulledUser = ExportedUser | UserNotInApp | FailedUser;
