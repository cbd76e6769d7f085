import { describe, expect, test } from 'vitest';
import { openLog } from '../../../src/report/log.ts';
import { FailureLog } from '../../../src/report/progress/failure-log.ts';
import { unexportedReasons } from '../../../src/rows/tables.ts';
import { explainUnexported } from '../../../src/run/events/causes.ts';

type Failed = { readonly reason: string; readonly code: number | null; readonly users: number };

/** The lines of a log for these users, one after the other, and for the end. */
function logOf(failed: readonly Failed[]): string[] {
  let written = '';
  const log = openLog({
    logLevel: 'info',
    logFormat: 'text',
    colour: false,
    write: (line) => {
      written += line;
    },
  });
  const failures = new FailureLog(log);
  for (const { reason, code, users } of failed) {
    for (let i = 1; i <= users; i += 1) {
      const row = {
        user_id: `u${i}`,
        sdk_app_id: 1,
        reason,
        error_code: code,
        error_info: 'no',
        calls: 2,
      };
      failures.add(row, explainUnexported(row));
    }
  }
  failures.end();
  return written.split('\n').slice(0, -1);
}

const count = (lines: readonly string[], part: string): number =>
  lines.filter((line) => line.includes(part)).length;

describe('the log of users who were not exported', () => {
  test('gives for each the meaning of the code and a hint', () => {
    expect(logOf([{ reason: 'api_error', code: 50_002, users: 1 }])).toEqual([
      expect.stringMatching(
        /WARN: user u1 was not exported: api_error 50002 \(a parameter of the request is wrong\), after 2 calls: no; compare the user ID/,
      ),
    ]);
  });

  test('names the first 20 of each code, then counts, and gives the count at the end', () => {
    const lines = logOf([
      { reason: 'api_error', code: 50_002, users: 1_234 },
      { reason: 'transient_error', code: 50_004, users: 21 },
      { reason: 'invalid_page', code: null, users: 20 },
    ]);
    expect(count(lines, ': api_error 50002')).toBe(20);
    expect(count(lines, ': transient_error 50004')).toBe(20);
    expect(count(lines, ': invalid_page')).toBe(20);
    expect(count(lines, 'more users with 50002 are counted')).toBe(1);
    expect(count(lines, 'more users with 50004 are counted')).toBe(1);
    // Of twenty there are no more.
    expect(count(lines, 'more users with invalid_page are counted')).toBe(0);
    expect(
      lines.filter((line) => / so far$/.test(line)).map((line) => line.replace(/^.*WARN: /, '')),
    ).toEqual(['50002: 100 users so far', '50002: 1,000 users so far']);
    expect(lines.slice(-2)).toEqual([
      expect.stringContaining(
        '50002: 1,234 users in this attempt, of whom 20 were logged; compare the user ID',
      ),
      expect.stringContaining(
        '50004: 21 users in this attempt, of whom 20 were logged; usually temporary: try these users again later',
      ),
    ]);
  });

  test('leaves users who are not in the app to the summary', () => {
    expect(logOf([{ reason: 'not_in_app', code: 50_001, users: 5_000 }])).toEqual([]);
  });

  test('explains every reason, also where the API gave no code', () => {
    for (const reason of Object.keys(unexportedReasons)) {
      const { description, hint } = explainUnexported({ reason, error_code: null, error_info: '' });
      expect([description, hint].every((text) => text.length > 10)).toBe(true);
    }
  });
});
