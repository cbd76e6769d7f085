/** Several measurements of one thing. */
export type Spread = {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
};

/** The middle value; of an even number, the mean of the two in the middle. @throws {RangeError} when there is none */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new RangeError('there is no median of no values');
  return (low + high) / 2;
}

/** @throws {RangeError} when there is none */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('there is no mean of no values');
  return values.reduce((sum, value) => sum + value) / values.length;
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    count: values.length,
  };
}

/**
 * The ratio in each round of two things that were measured in turn: what disturbed the machine meanwhile disturbed both.
 * @throws {RangeError} when there are not as many of one as of the other
 */
export function ratioOf<Reading>(
  ours: readonly Reading[],
  theirs: readonly Reading[],
  of: (reading: Reading) => number,
): Spread {
  if (ours.length !== theirs.length) {
    throw new RangeError(`${ours.length} readings cannot be compared with ${theirs.length}, one by one`);
  }
  return spreadOf(
    ours.map((reading, round) => {
      const other = theirs[round];
      if (other === undefined) throw new RangeError(`round ${round} has no other reading`);
      return of(reading) / of(other);
    }),
  );
}
