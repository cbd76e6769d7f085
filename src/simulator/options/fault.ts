const NAMED_FAULTS = [
  'reset',
  'cut',
  'stall',
  'garbage',
  'truncatedJson',
  'oversized',
  'plainText',
  'down',
] as const;

/**
 * A fault of one call. Five digits: a FAIL answer with that code. `http502` and the like: that status with an HTML
 * body. `reset`: the socket is destroyed without an answer. `cut`: destroyed in the middle of the body. `stall`: no answer until
 * the client leaves or `stallMs` have passed. `garbage`: status 200 with HTML. `truncatedJson`: half of the JSON, as a complete
 * body. `oversized`: a body over 8 MB. `plainText`: the right answer, as text/plain. `down`: every client's socket is destroyed
 * at once.
 */
export type Fault = `${number}` | `http${number}` | (typeof NAMED_FAULTS)[number];

/** A planned fault: for calls (counted from 1, both ends included), for seconds since the first call, or for a user. */
export type ScriptedFault =
  | { fault: Fault; calls: [from: number, to: number] }
  | { fault: Fault; seconds: [from: number, to: number] }
  | { fault: Fault; user: string; times: number };

const FAULT = new RegExp(`^(\\d{5}|http[45]\\d\\d|${NAMED_FAULTS.join('|')})$`);

/** The names of faults, for a message. */
export const FAULT_FORM = `a code of five digits, http400 to http599, ${NAMED_FAULTS.slice(0, -1).join(', ')} or ${NAMED_FAULTS.at(-1)}`;

export const isFault = (value: unknown): value is Fault => typeof value === 'string' && FAULT.test(value);
