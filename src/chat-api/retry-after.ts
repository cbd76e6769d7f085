import type { ReplyHeaders } from './exchange.ts';

const SECONDS = /^\d{1,9}$/;
// RFC 9110, section 5.6.7: the format of today, which Date.parse reads.
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * How long an answer asks to wait, ms, by its Retry-After header; null when it does not ask.
 * @param nowMs unix ms, used if the answer has no time of its own
 */
export function readRetryAfter(headers: ReplyHeaders, nowMs: number): number | null {
  const value = one(headers['retry-after']);
  if (value === undefined) return null;
  if (SECONDS.test(value)) return Number(value) * 1000;
  if (!HTTP_DATE.test(value)) return null;
  // By the server's own clock: this machine's may be wrong.
  const { date } = headers;
  const theirs = typeof date === 'string' && HTTP_DATE.test(date) ? Date.parse(date) : nowMs;
  const ms = Date.parse(value) - theirs;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

const one = (value: string | string[] | undefined): string | undefined =>
  (Array.isArray(value) ? value[0] : value)?.trim();
