import type { UserRows } from './normalize.ts';
import type { ExportedUserRow } from './tables.ts';

/** The row that says that a user was exported whole, and with how many rows. */
export const exportedUserRow = (user: UserRows, sdkAppId: number): ExportedUserRow => ({
  user_id: user.userId,
  sdk_app_id: sdkAppId,
  conversations: user.conversations.length,
  contact_groups: user.contactGroups.length,
  memberships: user.memberships.length,
});

/** Counts the rows of a user that come in slices, for the row that says how many they were. */
export class SlicedUser {
  #row: ExportedUserRow;

  constructor(first: UserRows, sdkAppId: number) {
    this.#row = exportedUserRow(first, sdkAppId);
  }

  /** Of the slices that were counted. */
  get row(): ExportedUserRow {
    return this.#row;
  }

  /** The same slices, each counted as it is asked for. */
  *counted(slices: Iterable<UserRows>): Generator<UserRows> {
    for (const slice of slices) {
      const row = this.#row;
      this.#row = {
        user_id: row.user_id,
        sdk_app_id: row.sdk_app_id,
        conversations: Number(row.conversations) + slice.conversations.length,
        contact_groups: Number(row.contact_groups) + slice.contactGroups.length,
        memberships: Number(row.memberships) + slice.memberships.length,
      };
      yield slice;
    }
  }
}
