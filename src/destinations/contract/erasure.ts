/** A user to erase. */
export type UserToErase = {
  readonly sdkAppId: number;
  /** Identifies the pseudonym key; null when rows hold IDs. */
  readonly keyFingerprint: string | null;
  /** The user's name in rows. */
  readonly name: string;
  /** The user's name in a plan. */
  readonly planned: string;
  /** Whether to remove other users' conversations with the user, too. */
  readonly asPeer: boolean;
};

/** The data that an erasure removed from a destination. */
export type Erased = {
  /** Rows of the user, by table. */
  readonly removed: Readonly<Record<string, number>>;
  /** Rows of other users that named the user as a peer, by table. */
  readonly removedOfOthers: Readonly<Record<string, number>>;
  /** Messages of errors that named the user. */
  readonly texts: number;
  /** Unfinished runs with the user in their plan. */
  readonly plans: number;
  /** The unfinished run that was abandoned for it; null when there was none, or when the plan could be changed. */
  readonly abandoned: number | null;
};

/** The conversation with the user, as other users' rows name it. */
export const conversationWith = ({ name }: UserToErase): string => `c2c_${name}`;

/** Replaces the message of an error that named the user. */
export const ERASED_TEXT = 'an error that named an erased user';

// Unquoted, and quoted as in JSON.
const written = (name: string): string[] => [...new Set([name, JSON.stringify(name).slice(1, -1)])];
const escaped = (text: string): string => text.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`);

/**
 * A regular expression for texts that contain the whole name of a user, not as part of another word. It works in JavaScript (flag
 * u) and PostgreSQL.
 */
export const namingUser = (name: string): string => {
  const letters = 'A-Za-z0-9_';
  return `(^|[^${letters}])(${written(name).map(escaped).join('|')})($|[^${letters}])`;
};
