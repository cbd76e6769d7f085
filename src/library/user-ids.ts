import { userIdProblem } from '../user-list/user-id.ts';
import { UserListError } from '../user-list/user-list-error.ts';

/** One user ID, or a source of several. */
export type UserIds = string | Iterable<string> | AsyncIterable<string>;

/** IDs that are being read. */
export type IdStream = Iterator<string> | AsyncIterator<string>;

/** The secret of the job that contains a user ID; null for all others. */
export type SecretWatch = {
  readonly partOf: (userId: string) => string | null;
  /** A message that is safe to show. */
  readonly shown: (message: string) => string;
};

/** Starts to read IDs; a text is one ID. @throws {UserListError} when it is neither a text nor iterable */
export function openIds(users: UserIds): IdStream {
  const ids = asIterable(users);
  return Symbol.asyncIterator in ids ? ids[Symbol.asyncIterator]() : ids[Symbol.iterator]();
}

function asIterable(users: UserIds): Iterable<string> | AsyncIterable<string> {
  if (typeof users === 'string') return [users];
  const isStream =
    typeof users === 'object' &&
    users !== null &&
    (Symbol.iterator in users || Symbol.asyncIterator in users);
  if (isStream) return users;
  throw new UserListError(['users: expected a user ID, or an iterable or async iterable of user IDs']);
}

/**
 * @param number the position of the ID, from 1
 * @param watch recognizes the secrets of the job
 * @throws {UserListError} when it cannot be an ID
 */
export function checkUserId(userId: unknown, number: number, watch: SecretWatch): asserts userId is string {
  const problem =
    typeof userId !== 'string' ? `expected a string, not a ${typeof userId}` : idProblem(userId, watch);
  if (problem !== null) throw new UserListError([`user ${number}: ${problem}`]);
}

function idProblem(userId: string, watch: SecretWatch): string | null {
  const secret = watch.partOf(userId);
  if (secret !== null) return `this is ${secret} or a part of it, which is not shown; give the ID of a user`;
  if (!userId.isWellFormed()) return 'the user ID holds half a character';
  const problem = userIdProblem(Buffer.from(userId));
  return problem === null ? null : watch.shown(problem);
}
