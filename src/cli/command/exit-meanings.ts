import { exitCodes } from './exit-codes.ts';

/** An exit code as help lists it. */
export type ExitLine = readonly [code: number, meaning: string];

/** What a run's exit codes mean. */
export const runExits: readonly ExitLine[] = [
  [exitCodes.done, 'everything exported'],
  [exitCodes.fault, 'a fault of the program'],
  [exitCodes.usage, 'the command, the job or the user list is wrong'],
  [exitCodes.someUsersFailed, 'finished, but some users failed'],
  [exitCodes.api, 'the API cannot be reached, or refuses'],
  [exitCodes.destination, 'the destination cannot be reached, or refuses'],
  [exitCodes.guard, 'stopped by a guard before it did harm'],
  [exitCodes.outOfTime, 'stopped on time, by --max-duration'],
  [exitCodes.locked, 'another run is at work there'],
  [exitCodes.SIGINT, 'interrupted (SIGINT)'],
  [exitCodes.SIGTERM, 'terminated (SIGTERM)'],
];

/** Those of a command: what 0 means there, and in a run's words, or its own, what else it may end with. */
export function exitsOf(done: string, ...others: readonly (number | ExitLine)[]): readonly ExitLine[] {
  const all: readonly (number | ExitLine)[] = [[exitCodes.done, done], exitCodes.fault, ...others];
  return all.map((one) => (typeof one === 'number' ? meaningOf(one) : one));
}

function meaningOf(code: number): ExitLine {
  const found = runExits.find(([known]) => known === code);
  if (found === undefined) throw new RangeError(`no run ends with ${code}`);
  return found;
}
