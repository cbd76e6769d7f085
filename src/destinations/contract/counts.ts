/** The counts of a chunk, or of all committed chunks of a run. */
export type RunCounts = {
  /** Exported users, unchanged ones included. */
  readonly exported: number;
  /** Of these, the users with the same content as before (databases only). */
  readonly unchanged: number;
  /** Users whom the app does not have. */
  readonly notInApp: number;
  /** Users who could not be exported for another reason. */
  readonly failed: number;
  /** Rows of the exported users, written or not. */
  readonly conversations: number;
  readonly contactGroups: number;
  readonly memberships: number;
  /** Rows of the three tables that were inserted or updated, and removed. */
  readonly rowsWritten: number;
  readonly rowsRemoved: number;
  /** Users who had rows and have none now (databases only). Users removed at the end of a run count as `pruned`. */
  readonly emptied: number;
  readonly pruned: number;
  /** Pages that were read, and all calls for them. */
  readonly pages: number;
  readonly calls: number;
  /** Of these calls, those after the first for their page, by pass. */
  readonly retries: number;
  /** Legal, but counted as warnings: see `Anomalies` in `rows/normalize.ts`. */
  readonly unnamedGroups: number;
  readonly skippedItems: number;
  readonly replacedTexts: number;
  readonly unknownFields: number;
  /** Users with exactly 100, 200, … conversations, and more before: a limit of the app's plan may have cut them off. */
  readonly cutToRound: number;
  /** Failed calls, by the API's code or, without an answer, by kind. */
  readonly errors: Readonly<Record<string, number>>;
  /** Rows written and removed, by table. In files, rows written. */
  readonly changes: Readonly<Record<string, number>>;
  /** The same, split into inserted, updated and removed rows (databases only). */
  readonly added: Readonly<Record<string, number>>;
  readonly updated: Readonly<Record<string, number>>;
  readonly removed: Readonly<Record<string, number>>;
  /** Failed users, by the API's code or, without one, by reason. */
  readonly failures: Readonly<Record<string, number>>;
};

/** Counts under construction. */
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

/** The sum of two counts. A count that an older version did not write is 0. */
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

/** How the rows of earlier runs change, summed up over users. */
export type ChangeTotals = {
  readonly users: number;
  /** Users who had rows before. */
  readonly had: number;
  /** Of these, users who have none after it, and users who lose some. */
  readonly emptied: number;
  readonly losers: number;
  /** Their rows before, and the rows that are lost. */
  readonly rows: number;
  readonly lost: number;
};

export const NO_CHANGES: ChangeTotals = { users: 0, had: 0, emptied: 0, losers: 0, rows: 0, lost: 0 };

/** The changes of all of these users. */
export const addChanges = (a: ChangeTotals, b: ChangeTotals): ChangeTotals => ({
  users: a.users + b.users,
  had: a.had + b.had,
  emptied: a.emptied + b.emptied,
  losers: a.losers + b.losers,
  rows: a.rows + b.rows,
  lost: a.lost + b.lost,
});
