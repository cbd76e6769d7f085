import type { PulledUser } from './pulled-user.ts';
import type { UserIds } from './user-ids.ts';

/** A loop that the caller can cancel. */
export interface Abortable {
  /** Ends the loop at once, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Pulls users of one app. All of its loops share one rate limiter, and so one quota. */
export interface ContactGroupClient {
  /**
   * Pulls users, and yields each as soon as all pages are read, in any order. At most `concurrency` users are started and
   * not yet taken. Leaving the loop, or the signal, cancels the calls in progress.
   * @throws while iterated: {@link ApiUnusable} when the API cannot be reached or refuses the app; {@link UserListError} for
   * an invalid user ID; {@link ClientClosed}; the signal's reason; and whatever `users` throws
   */
  pull(users: UserIds, control?: Abortable): AsyncGenerator<PulledUser, void, undefined>;
  /** Cancels the loops and closes all connections. */
  close(): Promise<void>;
}
