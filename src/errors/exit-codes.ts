/** The exit codes of the process. */
export const exitCodes = {
  done: 0,
  fault: 1,
  usage: 2,
  someUsersFailed: 3,
  api: 4,
  destination: 5,
  guard: 6,
  outOfTime: 7,
  locked: 8,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

export type ExitName = keyof typeof exitCodes;
export type ExitCode = (typeof exitCodes)[ExitName];

/** The meanings of the exit codes of `run`. Help and the tables of the documentation show the same. */
export const exitMeanings: Readonly<Record<ExitName, string>> = {
  done: 'everything exported',
  fault: 'a fault of the program',
  usage: 'the command, the job or the user list is wrong',
  someUsersFailed: 'finished, but some users failed',
  api: 'the API cannot be reached, or refuses',
  destination: 'the destination cannot be reached, or refuses',
  guard: 'stopped by a guard before it did harm',
  outOfTime: 'stopped on time, by --max-duration',
  locked: 'another run is at work there',
  SIGINT: 'interrupted (SIGINT)',
  SIGTERM: 'terminated (SIGTERM)',
};
