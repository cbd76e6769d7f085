/** What a line of a list comes to: the bytes of an ID, or what is wrong with it, or, when both are null, nothing: it is blank. */
export type ListEntry = {
  /** From 1, of the file as an editor shows it; of a query, the number of the row. */
  readonly line: number;
  readonly id: Buffer | null;
  readonly problem: string | null;
};
