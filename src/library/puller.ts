import type { PulledUser } from './pulled-user.ts';
import type { UserIds } from './user-ids.ts';

/** What can be ended from outside. */
export interface Abortable {
  /** Ends the loop at once, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Pulls users of one app. Whatever it pulls at the same time passes one limiter, and so keeps one quota. */
export interface ContactGroupClient {
  /**
   * Pulls users, and gives each as soon as it is there, whatever the order of the IDs. At most `concurrency` users are
   * begun and not yet taken. Leaving the loop, or the signal, ends the calls under way.
   * @throws while iterated: {@link ApiUnusable} when the API cannot be reached or refuses the app; {@link UserListError} for
   * what is no user ID; {@link ClientClosed}; the signal's reason; and whatever `users` throws
   */
  pull(users: UserIds, control?: Abortable): AsyncGenerator<PulledUser, void, undefined>;
  /** Ends what is being pulled and closes all connections. */
  close(): Promise<void>;
}
