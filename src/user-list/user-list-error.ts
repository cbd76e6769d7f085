/** A user list that cannot be used; each problem is one line that names the file and, where it has one, the line. */
export class UserListError extends Error {
  override readonly name = 'UserListError';
  readonly code = 'USER_LIST_INVALID';
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options);
    this.problems = problems;
  }
}

/** A list without a single user ID. */
export const emptyList = (name: string): UserListError => new UserListError([`${name} holds no user ID`]);
