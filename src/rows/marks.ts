import { InvalidPage } from './page.ts';

/** The four named marks; all null without a StandardMark. */
export type Marks = {
  readonly is_starred: boolean | null;
  readonly is_marked_unread: boolean | null;
  readonly is_folded: boolean | null;
  readonly is_hidden: boolean | null;
};

const NO_MARKS: Marks = { is_starred: null, is_marked_unread: null, is_folded: null, is_hidden: null };

/**
 * Reads the named marks from StandardMark, a string of bits whose **last** character is bit 0 (as the vendor's own
 * web SDK decodes it; the vendor's page does not say). Its length varies and leading zeros occur, so it is never
 * indexed from the left. Bits 0 to 3: star, unread, fold, hide.
 * @throws {InvalidPage} for a character other than 0 and 1
 */
export function readMarks(standardMark: string | null): Marks {
  if (standardMark === null) return NO_MARKS;
  if (/[^01]/.test(standardMark)) {
    throw new InvalidPage(
      `StandardMark is ${JSON.stringify(standardMark.slice(0, 60))}, not a string of 0 and 1`,
    );
  }
  return {
    is_starred: standardMark.at(-1) === '1',
    is_marked_unread: standardMark.at(-2) === '1',
    is_folded: standardMark.at(-3) === '1',
    is_hidden: standardMark.at(-4) === '1',
  };
}
