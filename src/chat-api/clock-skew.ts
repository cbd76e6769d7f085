// Clocks with NTP differ by much less than a second. The vendor does not document how far in the future a UserSig may be signed.
// One signed in the past lasts a day and is renewed an hour early. A minute lies between the two, and is far more than any error
// of the measurement.
const TOLERABLE_MS = 60_000;
// RFC 9110, section 5.6.7: the format that servers write.
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** This machine's wall clock against the API's, measured by the Date headers of its answers. */
export class ClockSkew {
  readonly #onFault: ((message: string) => void) | undefined;
  #skewMs: number | null = null;
  #doubtMs = 0;
  #isReported = false;

  /** @param onFault called once, when the clocks differ */
  constructor(onFault?: (message: string) => void) {
    this.#onFault = onFault;
  }

  /** How far this machine's clock was ahead at the last answer, ms; negative when it was behind. Null: not measured. */
  get ms(): number | null {
    return this.#skewMs;
  }

  /**
   * An answer has arrived.
   * @param date its Date header; an unreadable one is ignored
   * @param call when its request was written and when its head arrived, ms of the monotonic clock: the header was written in
   * between
   */
  measure(date: unknown, { sentAt, answeredAt }: { sentAt: number; answeredAt: number }): void {
    if (typeof date !== 'string' || !HTTP_DATE.test(date)) return;
    // Dates are truncated to seconds: on average, the API's clock is half a second further.
    const theirs = Date.parse(date) + 500;
    if (Number.isNaN(theirs)) return;
    const halfMs = (answeredAt - sentAt) / 2;
    const ours = Date.now() - (performance.now() - answeredAt) - halfMs;
    this.#skewMs = Math.round(ours - theirs);
    this.#doubtMs = halfMs + 500;
    const { fault } = this;
    if (fault === null || this.#isReported) return;
    this.#isReported = true;
    this.#onFault?.(fault);
  }

  /** The fault and a hint, when the clocks certainly differ by more than a minute; otherwise null. */
  get fault(): string | null {
    const skew = this.#skewMs;
    if (skew === null || Math.abs(skew) - this.#doubtMs <= TOLERABLE_MS) return null;
    const direction = skew < 0 ? 'behind' : 'ahead of';
    return `this machine's clock is ${inWords(Math.abs(skew))} ${direction} the API's, and UserSigs depend on it: set it by NTP`;
  }
}

function inWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
