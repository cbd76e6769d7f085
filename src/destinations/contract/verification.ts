/** Something that a run's record says, held against what is there. */
export type Verification = {
  /** What it is about: `conversations.csv: rows`. */
  readonly subject: string;
  /** `unknown`: nothing that is there now can tell. */
  readonly state: 'agrees' | 'differs' | 'unknown';
  /** As it is recorded. */
  readonly recorded: string;
  /** As it is; null where nobody can know. */
  readonly found: string | null;
};

type Value = string | number;

/** What must be as it is recorded. */
export const exactly = (subject: string, recorded: Value, found: Value): Verification => ({
  subject,
  state: String(recorded) === String(found) ? 'agrees' : 'differs',
  recorded: String(recorded),
  found: String(found),
});

/** What must be as much as is recorded, or more. */
export const atLeast = (subject: string, recorded: number, found: number): Verification => ({
  subject,
  state: found >= recorded ? 'agrees' : 'differs',
  recorded: `${recorded} or more`,
  found: String(found),
});

/** What can no more be told. @param why in words */
export const unknowable = (subject: string, recorded: Value, why: string): Verification => ({
  subject,
  state: 'unknown',
  recorded: `${recorded} (${why})`,
  found: null,
});

/** Failed users by code as one text, in one order, so that two compare. */
export const byCode = (failures: Readonly<Record<string, number>>): string =>
  Object.entries(failures)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, users]) => `${code}: ${users}`)
    .join(', ') || 'none';
