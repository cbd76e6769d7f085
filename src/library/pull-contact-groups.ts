import type { Abortable, PulledUser } from './contact-group-client.ts';
import type { PullOptions } from './options.ts';
import { createPacedClient, type PacedClient } from './paced-client.ts';
import type { PullListeners } from './pull-listeners.ts';
import { openIds, type UserIds } from './user-ids.ts';

/** Listeners for the pull, and the signal that ends it. */
export interface PullControl extends PullListeners, Abortable {}

/**
 * Pulls the contact groups of users and yields each user when all pages are read, or with the reason for a failure. No call is
 * made before the loop begins. When the loop ends, in any way, calls and connections end, too. The quota is kept within one loop;
 * {@link createClient} keeps one for several.
 * @param users a user ID, or an iterable or async iterable of user IDs
 * @throws while iterated: {@link JobError} with every problem of the options; {@link ApiUnusable} when the API cannot be reached
 * or refuses the app; {@link UserListError} for an invalid user ID; the signal's reason; and whatever `users` throws
 * @example const app = { region: 'singapore', sdkAppId: 1400000000, secretKeyFile: 'secret-key', rate: 100 } as const; for await
 * (const user of pullContactGroups(['amy', 'bob'], app)) {
 * if (user.status === 'exported') console.log(user.userId, user.contactGroups.length);
 * else console.warn(user.userId, user.status, user.info); }
 */
export async function* pullContactGroups(
  users: UserIds,
  options: PullOptions,
  { signal, ...listeners }: PullControl = {},
): AsyncGenerator<PulledUser, void, undefined> {
  // At once: readline, for example, loses the lines that come before the first read.
  const ids = openIds(users);
  let client: PacedClient;
  try {
    signal?.throwIfAborted();
    client = await createPacedClient(options, listeners);
  } catch (error) {
    await ids.return?.();
    throw error;
  }
  try {
    yield* client.pullFrom(ids, { signal });
  } finally {
    await client.close();
  }
}
