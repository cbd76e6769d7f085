/** The exit code of an attempt that found another one at work. */
export const LOCKED = 8;

/** A word for each exit code of `run`. */
export const outcomes: ReadonlyMap<number, string> = new Map([
  [0, 'finished'],
  [1, 'fault'],
  [2, 'wrong_input'],
  [3, 'finished_with_failed_users'],
  [4, 'api'],
  [5, 'destination'],
  [6, 'guard'],
  [7, 'out_of_time'],
  [LOCKED, 'locked'],
  [130, 'interrupted'],
  [143, 'interrupted'],
]);
