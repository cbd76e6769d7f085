import { describe, expect, test } from 'vitest';
import { NO_COUNTS } from '../../src/destinations/contract/counts.ts';
import { openLog } from '../../src/report/log.ts';
import { printable, printableJson } from '../../src/report/text/printable.ts';
import { summaryJson, summaryTable } from '../../src/report/text/summary.ts';
import type { RunOutcome } from '../../src/run/export-run.ts';
import { timeSpan } from '../../src/text/format.ts';

describe('a text from outside', () => {
  test('cannot control a terminal, nor start a line of its own', () => {
    expect(printable('a\u001b[2J\nb\rc\u009bd\u202ee\u007f')).toBe(
      'a\\u001b[2J\\u000ab\\u000dc\\u009bd\\u202ee\\u007f',
    );
  });
  test('gives no orders in JSON either, and stays the same JSON', () => {
    const value = { 'a\u009b\u202e': ['\u001b[2J\u007f', '\u2028\u0085\u200f', 'ü\\u202e'] };
    const json = printableJson(JSON.stringify(value));
    expect(json).toMatch(/^[ -~ü]*$/);
    expect(JSON.parse(json)).toEqual(value);
  });
  test('shows format characters that would not be seen, also those beyond U+FFFF', () => {
    expect(printable('a\u200bb\ufeffc\u00add\u2060e\u{e0041}')).toBe(
      'a\\u200bb\\ufeffc\\u00add\\u2060e\\udb40\\udc41',
    );
    const value = ['a\u200b\u{e0041}'];
    expect(printableJson(JSON.stringify(value))).toBe('["a\\u200b\\udb40\\udc41"]');
    expect(JSON.parse(printableJson(JSON.stringify(value)))).toEqual(value);
  });
  test('keeps every letter of every language', () => {
    for (const text of ['用户42 "ü" 🎉', 'می\u200cخواهم', '👩\u200d👩\u200d👧'])
      expect(printable(text)).toBe(text);
  });
});

test.each([
  [-3, '0 s'],
  [0, '0 s'],
  [50, '0.1 s'],
  [4_200, '4.2 s'],
  [5_000, '5 s'],
  [9_990, '10 s'],
  [59_600, '1 min'],
  [42_000, '42 s'],
  [200_000, '3 min 20 s'],
  [49_980_000, '13 h 53 min'],
])('%i ms are %s', (ms, text) => {
  expect(timeSpan(ms)).toBe(text);
});

describe('a log line', () => {
  const logged = (logFormat: 'text' | 'json', message: string, user = ''): string => {
    let written = '';
    const log = openLog({ logLevel: 'info', logFormat, colour: false, write: (line) => (written += line) });
    log.debug('not shown');
    log.info(message, { run: 7, user });
    return written;
  };
  test('for people is an instant, a level and a sentence', () => {
    expect(logged('text', 'hello')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO: hello\n$/);
  });
  test('for machines is one object', () => {
    const line = logged('json', 'hel\nlo');
    expect(JSON.parse(line)).toMatchObject({ level: 30, run: 7, msg: 'hel\\u000alo' });
    expect(line.trimEnd()).not.toContain('\n');
  });
  test('for machines gives a terminal no orders', () => {
    const user = '\u009b31m\u202e\u001b';
    const line = logged('json', 'hello', user);
    expect(line).toMatch(/^[ -~]*\n$/);
    expect(JSON.parse(line)).toMatchObject({ user });
  });
});

const counts = {
  ...NO_COUNTS,
  exported: 1_950,
  notInApp: 40,
  failed: 3,
  failures: { '50002': 2, pagination_error: 1 },
  conversations: 12_345,
  calls: 4_321,
  errors: { '50004': 12, network: 3 },
};

const outcome: RunOutcome = {
  kind: 'finished',
  destination: 'csv:/data/export',
  calls: 4_321,
  failedCalls: 15,
  rateMarginMs: 14.25,
  rateLimitedCalls: 12,
  pullMs: 21_700,
  record: {
    job: 'nightly',
    sdkAppId: 1400000000,
    endpoint: 'https://api.example.com',
    rowFormat: 1,
    keyFingerprint: null,
    freeTextDropped: false,
    runId: 7,
    status: 'finished',
    startedAt: '2026-11-22T03:00:00.000Z',
    finishedAt: '2026-11-22T03:00:22.000Z',
    stopReason: null,
    error: null,
    attempts: 2,
    retryOfRun: null,
    chunkSize: 200,
    list: {
      lines: 2_010,
      users: 1_993,
      beyondLimit: 0,
      duplicates: 12,
      bad: 4,
      blank: 1,
      suppressed: 0,
      digest: 'd',
    },
    counts,
  },
};

test('the summary for people names every figure that an operator asks for', () => {
  const text = summaryTable(outcome, 200);
  expect(text.split('\n')[0]).toBe('Run 7 of job nightly is finished, but 3 users failed');
  for (const part of [
    'csv:/data/export',
    '1,993, each once (12 repetitions in the list)',
    'invalid lines   4 of 2,010 skipped',
    '3 (50002 2, pagination_error 1); listed in unexported_users',
    'not in the app  40',
    '4,321 for what is committed, of which failed: 50004 12, network 3',
    '99.6 % of 200 calls/s',
    'rate-limited    12 calls; margin at the end 14 ms',
  ]) {
    expect(text).toContain(part);
  }
});

test('the summary for machines has the same figures', () => {
  expect(JSON.parse(summaryJson(outcome, 200, 3))).toMatchObject({
    outcome: 'finished',
    exit_code: 3,
    run: 7,
    users: 1_993,
    duplicates: 12,
    lines: 2_010,
    bad_lines: 4,
    blank_lines: 1,
    users_beyond_limit: 0,
    attempts: 2,
    counts: { exported: 1_950, failed: 3, errors: { '50004': 12 } },
    this_attempt: { calls: 4_321, failed_calls: 15, rate_limited_calls: 12, rate_margin_ms: 14.3 },
  });
});

test('a run that an error ended says so in its first line, and which error to machines', () => {
  const failed = { ...outcome, kind: 'failed', error: '70009: wrong key' } as const;
  expect(summaryTable(failed, 200)).toMatch(/^Run 7 of job nightly failed: 70009: wrong key\n/);
  expect(JSON.parse(summaryJson(failed, 200, 4))).toMatchObject({
    outcome: 'failed',
    exit_code: 4,
    error: '70009: wrong key',
  });
});

test.each([
  [{}, { failed: 0, notInApp: 0, failures: {} }, /is finished: everything was exported$/],
  [
    { bad: 4 },
    { failed: 0, notInApp: 0, failures: {} },
    /is finished: all [\d,]+ users of its plan were exported$/,
  ],
  [
    { beyondLimit: 1 },
    { failed: 0, notInApp: 0, failures: {} },
    /is finished: all [\d,]+ users of its plan were exported$/,
  ],
  [
    {},
    { failed: 0, notInApp: 2, exported: 0, failures: {} },
    /is finished: 0 users exported, 2 not in the app$/,
  ],
])('the headline of a finished run claims no more than was exported', (list, changed, pattern) => {
  const record = {
    ...outcome.record,
    list: { ...outcome.record.list, bad: 0, beyondLimit: 0, ...list },
    counts: { ...counts, ...changed },
  };
  expect(summaryTable({ ...outcome, record }, 200).split('\n')[0]).toMatch(pattern);
});
