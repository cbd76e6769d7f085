import { exitCodes, exitMeanings } from '../../errors/exit-codes.ts';

/** An exit code as help lists it. */
export type ExitLine = readonly [code: number, meaning: string];

/** What a run's exit codes mean. */
export const runExits: readonly ExitLine[] = (Object.keys(exitCodes) as (keyof typeof exitCodes)[]).map(
  (name) => [exitCodes[name], exitMeanings[name]],
);

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
