import type { PullOptions } from './options.ts';
import { createPacedClient } from './paced-puller.ts';
import type { PullListeners } from './pull-listeners.ts';
import type { ContactGroupClient } from './puller.ts';

/**
 * Opens what pulls users of one app: for several loops at once under one quota, or one after the other over the same
 * connections. Nothing is called yet. It is for the caller to close.
 * @throws {JobError} with every problem of the options at once
 * @example
 * const client = await createClient({ region: 'singapore', sdkAppId: 1400000000, secretKeyFile: 'secret-key' });
 * try {
 *   for await (const user of puller.pull(['amy', 'bob'])) console.log(user.userId, user.status);
 * } finally {
 *   await puller.close();
 * }
 */
export async function createClient(
  options: PullOptions,
  listeners: PullListeners = {},
): Promise<ContactGroupClient> {
  return await createPacedClient(options, listeners);
}
