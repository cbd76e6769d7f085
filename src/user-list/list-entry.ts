/** The content of a line: the bytes of an ID, or why it is invalid. When both are null, the line is blank. */
export type ListEntry = {
  /** From 1: the line in an editor, or the number of a query's row. */
  readonly line: number;
  readonly id: Buffer | null;
  readonly problem: string | null;
};
