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
  [8, 'locked'],
  [130, 'interrupted'],
  [143, 'interrupted'],
]);

/** Whether the list was done with to its end; that users failed is told by metrics of their own. */
export const isFinished = (exitCode: number): boolean => exitCode === 0 || exitCode === 3;
