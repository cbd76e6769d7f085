/** What the process says to the one who started it. */
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
