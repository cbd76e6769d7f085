import type { RunEvents } from '../../run/events/run-events.ts';
import { grouped } from '../../text/format.ts';
import type { Log } from '../log.ts';

/** For each code, this many users are logged one by one. The rest is counted. */
const EACH = 20;

type CodeCount = { count: number; readonly isFailure: boolean; readonly hint: string };

/** Logs users who were not exported: the first of each code by name, the rest as a count. */
export class FailureLog {
  readonly #log: Log;
  readonly #codes = new Map<string, CodeCount>();

  constructor(log: Log) {
    this.#log = log;
  }

  readonly add: NonNullable<RunEvents['onUnexported']> = (row, { description, hint }) => {
    const { user_id: user, reason, error_code: code, error_info: info, calls } = row;
    const key = code === null ? reason : String(code);
    // A user who is not in the app has not failed: the summary counts them.
    const seen = this.#codes.get(key) ?? { count: 0, isFailure: reason !== 'not_in_app', hint };
    seen.count += 1;
    this.#codes.set(key, seen);
    const isLogged = seen.isFailure && seen.count <= EACH;
    const what = code === null ? reason : `${reason} ${code}`;
    const made = `${grouped(Number(calls))} ${Number(calls) === 1 ? 'call' : 'calls'}`;
    this.#log[isLogged ? 'warn' : 'debug'](
      `user ${user} was not exported: ${what} (${description}), after ${made}${info ? `: ${info.replace(/\.$/, '')}` : ''}${seen.count === 1 ? `; ${hint}` : ''}`,
      { user, reason, code, info, calls, description, hint },
    );
    if (seen.isFailure && seen.count === EACH + 1) {
      this.#log.warn(
        `more users with ${key} are counted, and listed in unexported_users (--log-level debug logs each)`,
      );
    } else if (seen.isFailure && seen.count > EACH && isPowerOfTen(seen.count)) {
      this.#log.warn(`${key}: ${grouped(seen.count)} users so far`, { code: key, users: seen.count });
    }
  };

  /** The counts of codes with unlogged users. */
  end(): void {
    for (const [key, { count, isFailure, hint }] of this.#codes) {
      if (!isFailure || count <= EACH) continue;
      this.#log.warn(
        `${key}: ${grouped(count)} users in this attempt, of whom ${EACH} were logged; ${hint}`,
        {
          code: key,
          users: count,
        },
      );
    }
  }
}

const isPowerOfTen = (count: number): boolean => /^10+$/.test(String(count));
