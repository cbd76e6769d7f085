import type { UserRows } from './normalize.ts';
import type { ExportedUserRow } from './tables.ts';

/** The row of an exported user, with the number of rows. */
export const exportedUserRow = (user: UserRows, sdkAppId: number): ExportedUserRow => ({
  user_id: user.userId,
  sdk_app_id: sdkAppId,
  conversations: user.conversations.length,
  contact_groups: user.contactGroups.length,
  memberships: user.memberships.length,
});

/** Counts the rows of a user that come in slices. */
export class SlicedUser {
  #row: ExportedUserRow;

  constructor(first: UserRows, sdkAppId: number) {
    this.#row = exportedUserRow(first, sdkAppId);
  }

  /** The row for the counted slices. */
  get row(): ExportedUserRow {
    return this.#row;
  }

  /** The same slices; each is counted when it is read. */
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
