import type { UnexportedReason, UnexportedUserRow } from '../rows/tables.ts';
import { explainUnexported } from '../run/events/causes.ts';

/** Why a user of the app could not be exported: the values of `unexported_users.reason` except `not_in_app`. */
export type FailureReason = Exclude<UnexportedReason, 'not_in_app'>;

interface Unexported {
  readonly userId: string;
  /** The API's code (ErrorCode); null where the API gave none. */
  readonly code: number | null;
  /** The failure: a message of the API or of this package. */
  readonly info: string;
  /** Calls for the user. */
  readonly calls: number;
}

/** A user who is not in the app (50001 or 70107). */
export interface UserNotInApp extends Unexported {
  readonly status: 'not-in-app';
}

/** A user whose pages could not all be read. */
export interface FailedUser extends Unexported {
  readonly status: 'failed';
  readonly reason: FailureReason;
  /** The meaning of the code or the reason, and how to fix it: sentences without a final period. */
  readonly description: string;
  readonly hint: string;
}

/** The result for a user from the row that a run keeps of users who were not exported. */
export function unexportedUser(row: UnexportedUserRow): UserNotInApp | FailedUser {
  const { reason } = row;
  const about = {
    userId: row.user_id,
    code: row.error_code === null ? null : Number(row.error_code),
    info: row.error_info ?? '',
    calls: Number(row.calls),
  };
  if (reason === 'not_in_app') return { status: 'not-in-app', ...about };
  const { description, hint } = explainUnexported(row);
  return { status: 'failed', reason: reason as FailureReason, ...about, description, hint };
}
