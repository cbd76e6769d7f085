import { type ExitName, exitCodes } from '../../errors/exit-codes.ts';

const words: Readonly<Record<ExitName, string>> = {
  done: 'finished',
  fault: 'fault',
  usage: 'wrong_input',
  someUsersFailed: 'finished_with_failed_users',
  api: 'api',
  destination: 'destination',
  guard: 'guard',
  outOfTime: 'out_of_time',
  locked: 'locked',
  SIGINT: 'interrupted',
  SIGTERM: 'interrupted',
};

/** A word for each exit code of `run`. */
export const outcomes: ReadonlyMap<number, string> = new Map(
  (Object.keys(exitCodes) as ExitName[]).map((name) => [exitCodes[name], words[name]]),
);
