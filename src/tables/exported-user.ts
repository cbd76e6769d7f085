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
