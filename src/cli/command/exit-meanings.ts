import { exitCodes, exitMeanings } from '../../errors/exit-codes.ts';

/** An exit code as help lists it. */
export type ExitLine = readonly [code: number, meaning: string];

/** The meanings of a run's exit codes. */
export const runExits: readonly ExitLine[] = (Object.keys(exitCodes) as (keyof typeof exitCodes)[]).map(
  (name) => [exitCodes[name], exitMeanings[name]],
);

/** The exit codes of a command: its own meaning of 0, and others in a run's words or its own. */
export function exitLines(done: string, ...others: readonly (number | ExitLine)[]): readonly ExitLine[] {
  const all: readonly (number | ExitLine)[] = [[exitCodes.done, done], exitCodes.fault, ...others];
  return all.map((one) => (typeof one === 'number' ? runExit(one) : one));
}

function runExit(code: number): ExitLine {
  const found = runExits.find(([known]) => known === code);
  if (found === undefined) throw new RangeError(`no run ends with ${code}`);
  return found;
}
