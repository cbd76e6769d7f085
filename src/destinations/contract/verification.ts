/** One check of a run's record against the present content. */
export type Verification = {
  /** The subject: `conversations.csv: rows`. */
  readonly subject: string;
  /** `unknown`: the present content cannot decide. */
  readonly state: 'agrees' | 'differs' | 'unknown';
  /** The recorded value. */
  readonly recorded: string;
  /** The present value; null when it is unknown. */
  readonly found: string | null;
};

type Value = string | number;

/** Values that must be equal. */
export const exactly = (subject: string, recorded: Value, found: Value): Verification => ({
  subject,
  state: String(recorded) === String(found) ? 'agrees' : 'differs',
  recorded: String(recorded),
  found: String(found),
});

/** A value that must be at least the recorded one. */
export const atLeast = (subject: string, recorded: number, found: number): Verification => ({
  subject,
  state: found >= recorded ? 'agrees' : 'differs',
  recorded: `${recorded} or more`,
  found: String(found),
});

/** A value that can no longer be checked. @param why in words */
export const unknowable = (subject: string, recorded: Value, why: string): Verification => ({
  subject,
  state: 'unknown',
  recorded: `${recorded} (${why})`,
  found: null,
});

/** Failed users by code as one text in a fixed order, for comparison. */
export const byCode = (failures: Readonly<Record<string, number>>): string =>
  Object.entries(failures)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, users]) => `${code}: ${users}`)
    .join(', ') || 'none';
