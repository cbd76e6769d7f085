// The last code point of Unicode; no text of an answer has it.
const MARK = '\u{10ffff}';

/** A number of an answer that JavaScript's own numbers cannot represent. */
export class NumberText {
  readonly #digits: string;

  constructor(digits: string) {
    this.#digits = digits;
  }

  toJSON(): string {
    return MARK + this.#digits;
  }
}

/**
 * An answer as JSON. JSON.stringify writes no exact numbers (its rawJSON is not in Node.js 20), so they are inserted afterwards.
 */
export const jsonText = (answer: object): string => {
  const text = JSON.stringify(answer);
  return text.includes(MARK) ? text.replaceAll(new RegExp(`"${MARK}(-?\\d+)"`, 'gu'), '$1') : text;
};
