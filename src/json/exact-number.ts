/** A number of a JSON text that JavaScript would write in another way, most often with other digits. */
export class ExactNumber {
  /** As it was written. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The value, and of an exact number the JavaScript number that comes nearest. */
export const nearest = (value: unknown): unknown =>
  value instanceof ExactNumber ? Number(value.text) : value;
