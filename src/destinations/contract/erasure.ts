/** A user who is to be erased. */
export type UserToErase = {
  readonly sdkAppId: number;
  /** Tells the key of pseudonyms from others; null where rows hold IDs. */
  readonly keyFingerprint: string | null;
  /** What rows call the user. */
  readonly name: string;
  /** What a plan holds of the user. */
  readonly planned: string;
  /** Whether other users' conversations with the user go, too. */
  readonly asPeer: boolean;
};

/** What a destination held of a user, and holds no more. */
export type Erased = {
  /** Rows of the user, by table. */
  readonly removed: Readonly<Record<string, number>>;
  /** Rows of other users that named the user as a peer, by table. */
  readonly removedOfOthers: Readonly<Record<string, number>>;
  /** Texts of errors that named the user. */
  readonly texts: number;
  /** Unfinished runs whose plan had the user. */
  readonly plans: number;
  /** The unfinished run that was given up for it; null where there was none, and where a plan can be changed. */
  readonly abandoned: number | null;
};

/** The conversation with the user, as every other user's rows call it. */
export const conversationWith = ({ name }: UserToErase): string => `c2c_${name}`;

/** What takes the place of the text of an error that named the user. */
export const ERASED_TEXT = 'an error that named an erased user';

// As it is, and as JSON quotes it.
const written = (name: string): string[] => [...new Set([name, JSON.stringify(name).slice(1, -1)])];
const escaped = (text: string): string => text.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`);

/**
 * A regular expression for texts that name a user, whole and not as part of another word: for JavaScript (flag u) and PostgreSQL
 * alike.
 */
export const namingUser = (name: string): string => {
  const letters = 'A-Za-z0-9_';
  return `(^|[^${letters}])(${written(name).map(escaped).join('|')})($|[^${letters}])`;
};
