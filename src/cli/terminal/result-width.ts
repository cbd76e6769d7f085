import type { ProcessContext } from '../command/process-context.ts';

const COLUMNS = 80;

/** Columns that a result for people may take: those of the terminal it goes to, any number where it goes elsewhere. */
export const resultWidth = ({ out }: ProcessContext): number =>
  // A terminal that nobody told its size says 0.
  out.isTTY === true ? out.columns || COLUMNS : Number.POSITIVE_INFINITY;
