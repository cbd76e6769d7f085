import type { ContactGroupClient } from './contact-group-client.ts';
import type { PullOptions } from './options.ts';
import { createPacedClient } from './paced-client.ts';
import type { PullListeners } from './pull-listeners.ts';

/**
 * Creates a client that pulls users of one app. Several loops at once share one quota; later loops reuse the connections.
 * Makes no call. The caller closes the client.
 * @throws {JobError} with every problem of the options at once
 * @example
 * const client = await createClient({ region: 'singapore', sdkAppId: 1400000000, secretKeyFile: 'secret-key' });
 * try {
 *   for await (const user of client.pull(['amy', 'bob'])) console.log(user.userId, user.status);
 * } finally {
 *   await client.close();
 * }
 */
export async function createClient(
  options: PullOptions,
  listeners: PullListeners = {},
): Promise<ContactGroupClient> {
  return await createPacedClient(options, listeners);
}
