import type { ProcessContext } from '../command/process-context.ts';

const COLUMNS = 80;

/** The width of a result for people: that of the terminal, unlimited for other outputs. */
export const resultWidth = ({ out }: ProcessContext): number =>
  // A terminal of unknown size reports 0.
  out.isTTY === true ? out.columns || COLUMNS : Number.POSITIVE_INFINITY;
