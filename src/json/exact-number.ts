/** A number of a JSON text that JavaScript would write differently, most often with other digits. */
export class ExactNumber {
  /** The original text. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The value; for an exact number, the nearest JavaScript number. */
export const nearest = (value: unknown): unknown =>
  value instanceof ExactNumber ? Number(value.text) : value;
