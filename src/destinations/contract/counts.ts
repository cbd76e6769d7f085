/** What a chunk, or all committed chunks of a run, come to. */
export type RunCounts = {
  /** Users exported whole, unchanged ones too. */
  readonly exported: number;
  /** Of those, the users whose content was the same as before (databases only). */
  readonly unchanged: number;
  /** Users that the app does not have. */
  readonly notInApp: number;
  /** Users that could not be exported for another reason. */
  readonly failed: number;
  /** Rows of the users exported, whether they had to be written or not. */
  readonly conversations: number;
  readonly contactGroups: number;
  readonly memberships: number;
  /** Rows of the three tables that were inserted or updated, and removed. */
  readonly rowsWritten: number;
  readonly rowsRemoved: number;
  /** Users who had rows and have none now (databases only); those removed at the end of a run are `pruned`. */
  readonly emptied: number;
  readonly pruned: number;
  /** Pages that succeeded, and all attempts at them. */
  readonly pages: number;
  readonly calls: number;
  /** Of those attempts, the ones after the first at their page, in each pass. */
  readonly retries: number;
  /** Legal, but counted as warnings: see `Anomalies` in `rows/normalize.ts`. */
  readonly unnamedGroups: number;
  readonly skippedItems: number;
  readonly replacedTexts: number;
  readonly unknownFields: number;
  /** Users left with exactly 100, 200, … conversations, and fewer than before: a plan may have cut them off. */
  readonly cutToRound: number;
  /** Attempts that did not succeed, by the API's code or, before it answered, by kind. */
  readonly errors: Readonly<Record<string, number>>;
  /** Rows written and removed, by table; in files, rows written. */
  readonly changes: Readonly<Record<string, number>>;
  /** The same told apart (databases only): what was inserted, what was updated, and what was removed. */
  readonly added: Readonly<Record<string, number>>;
  readonly updated: Readonly<Record<string, number>>;
  readonly removed: Readonly<Record<string, number>>;
  /** Users that failed, by the API's code or, where there is none, by reason. */
  readonly failures: Readonly<Record<string, number>>;
};

/** Counts that are still being added up. */
export type GrowingCounts = {
  -readonly [Name in keyof RunCounts]: RunCounts[Name] extends number ? number : Record<string, number>;
};

export const NO_COUNTS: RunCounts = {
  exported: 0,
  unchanged: 0,
  notInApp: 0,
  failed: 0,
  conversations: 0,
  contactGroups: 0,
  memberships: 0,
  rowsWritten: 0,
  rowsRemoved: 0,
  emptied: 0,
  pruned: 0,
  pages: 0,
  calls: 0,
  retries: 0,
  unnamedGroups: 0,
  skippedItems: 0,
  replacedTexts: 0,
  unknownFields: 0,
  cutToRound: 0,
  errors: {},
  changes: {},
  added: {},
  updated: {},
  removed: {},
  failures: {},
};

export const growingCounts = (): GrowingCounts => ({
  ...NO_COUNTS,
  errors: {},
  changes: {},
  added: {},
  updated: {},
  removed: {},
  failures: {},
});

/** The sum of two counts; what either lacks (an older version wrote it) counts as nothing. */
export function addCounts(a: RunCounts, b: Partial<RunCounts>): RunCounts {
  const sum: Record<string, unknown> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    if (typeof value === 'number') sum[name] = Number(sum[name] ?? 0) + value;
  }
  return {
    ...(sum as RunCounts),
    errors: addEach(a.errors, b.errors ?? {}),
    changes: addEach(a.changes, b.changes ?? {}),
    added: addEach(a.added, b.added ?? {}),
    updated: addEach(a.updated, b.updated ?? {}),
    removed: addEach(a.removed, b.removed ?? {}),
    failures: addEach(a.failures, b.failures ?? {}),
  };
}

function addEach(a: RunCounts['errors'], b: RunCounts['errors']): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
