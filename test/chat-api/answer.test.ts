import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PaginationError, readAnswer } from '../../src/chat-api/answer.ts';
import { CallError } from '../../src/chat-api/call-error.ts';

const sound = { ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '', CompleteFlag: 1, NextStartIndex: 0 };
const body = (fields: Record<string, unknown> = {}): string => JSON.stringify({ ...sound, ...fields });

function failureOf(text: string): unknown {
  try {
    return readAnswer(text);
  } catch (error) {
    return error;
  }
}

describe('a body that is no answer is malformed', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  test.each([
    [''],
    [' '],
    ['null'],
    ['[]'],
    ['"OK"'],
    ['0'],
    ['{'],
    [body().slice(0, -1)],
    [`${body()}${body()}`],
    ['<html><body>502 Bad Gateway</body></html>'],
    ['{}'],
    [body({ ErrorCode: undefined })],
    [body({ ErrorCode: null })],
    [body({ ErrorCode: 'OK' })],
    [body({ ErrorCode: 1.5 })],
    [body({ ErrorCode: 1e20 })],
    [body({ ErrorCode: true })],
    [body({ ActionStatus: undefined })],
    [body({ ActionStatus: 0 })],
    [body({ ActionStatus: 'FAIL' })],
    [body({ ActionStatus: 'ok' })],
    [body({ ContactItem: {} })],
    [body({ ContactItem: 'x' })],
    [body({ ContactItem: 0 })],
    [body({ GroupItem: false })],
    ['{"__proto__":{"ActionStatus":"OK","ErrorCode":0,"CompleteFlag":1}}'],
    [deep],
    [`{"ActionStatus":${deep},"ErrorCode":0}`],
  ])('shape %#', (text) => {
    expect(failureOf(text)).toMatchObject({ name: 'CallError', class: 'malformed', code: null });
  });
});

test('an absent, null or empty list is an empty list', () => {
  for (const list of [undefined, null, []]) {
    const page = readAnswer(body({ ContactItem: list, GroupItem: list }));
    expect(page).toEqual({ contactItems: [], groupItems: [], next: null });
  }
});

test('items are handed on as they came', () => {
  const items = [{ Type: 1 }, null, 5];
  const page = readAnswer(body({ ContactItem: items, GroupItem: ['g'] }));
  expect(page).toEqual({ contactItems: items, groupItems: ['g'], next: null });
});

test.each([
  [60_007, 'limit'],
  ['60007', 'limit'],
  [50_001, 'not-in-app'],
  [70_001, 'sign-again'],
  [12_345, 'unknown'],
  [-1, 'unknown'],
])('ErrorCode %j is an error of class %s', (code, errorClass) => {
  for (const ActionStatus of ['FAIL', 'OK']) {
    const error = failureOf(body({ ErrorCode: code, ActionStatus, ErrorInfo: 'why\nthis' }));
    expect(error).toMatchObject({ class: errorClass, code: Number(code), info: 'why\nthis' });
    expect((error as CallError).message).toContain('"why\\nthis"');
  }
});

test('an ErrorInfo that is no text, or without end, does not hide the code', () => {
  expect(failureOf(body({ ErrorCode: 50_004, ErrorInfo: { a: 1 } }))).toMatchObject({
    code: 50_004,
    info: '',
  });
  const error = failureOf(body({ ErrorCode: 50_004, ErrorInfo: 'x'.repeat(100_000) }));
  if (!(error instanceof CallError)) throw error;
  expect(error.message.length).toBeLessThan(1_000);
  expect(error.info.length).toBeLessThanOrEqual(1_000);
});

describe('CompleteFlag and NextStartIndex', () => {
  test.each([[1], ['1']])('CompleteFlag %j is the end, whatever NextStartIndex says', (flag) => {
    for (const next of [0, 5, undefined, null, {}]) {
      expect(readAnswer(body({ CompleteFlag: flag, NextStartIndex: next })).next).toBeNull();
    }
  });

  test.each([[0], [5], [-1], ['5'], ['opaque'], [9_007_199_254_740_991]])(
    'NextStartIndex %j is handed on as it came',
    (next) => {
      for (const flag of [0, '0']) {
        expect(readAnswer(body({ CompleteFlag: flag, NextStartIndex: next })).next).toBe(next);
      }
    },
  );

  const deep: unknown = JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`);
  test.each([[2], [-1], ['2'], [true], [null], [undefined], [{}], [deep]])(
    'CompleteFlag of shape %# cannot be followed',
    (flag) => {
      expect(failureOf(body({ CompleteFlag: flag }))).toBeInstanceOf(PaginationError);
    },
  );

  test.each([[undefined], [null], [1.5], [2 ** 53], [true], [{}], [[0]], [deep]])(
    'more to come at NextStartIndex of shape %# cannot be followed',
    (next) => {
      expect(failureOf(body({ CompleteFlag: 0, NextStartIndex: next }))).toBeInstanceOf(PaginationError);
    },
  );

  test('values nested without end cannot be followed either', () => {
    const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const start = '{"ActionStatus":"OK","ErrorCode":0,';
    expect(failureOf(`${start}"CompleteFlag":${nested}}`)).toBeInstanceOf(PaginationError);
    expect(failureOf(`${start}"CompleteFlag":0,"NextStartIndex":${nested}}`)).toBeInstanceOf(PaginationError);
  });
});

test('whatever text comes, it is a page or one of two errors', () => {
  const fields = fc.record(
    {
      ActionStatus: fc.oneof(fc.constantFrom('OK', 'FAIL'), fc.jsonValue()),
      ErrorCode: fc.oneof(fc.constantFrom(0, '0', 60_007), fc.jsonValue()),
      ErrorInfo: fc.jsonValue(),
      ContactItem: fc.oneof(fc.constantFrom([], null), fc.jsonValue()),
      GroupItem: fc.oneof(fc.constantFrom([], null), fc.jsonValue()),
      CompleteFlag: fc.oneof(fc.constantFrom(0, 1), fc.jsonValue()),
      NextStartIndex: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const text = fc.oneof(
    fields.map((value) => JSON.stringify(value)),
    fc.json(),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(text, (given) => {
      const outcome = failureOf(given);
      if (!(outcome instanceof Error)) return;
      expect(outcome instanceof CallError || outcome instanceof PaginationError).toBe(true);
      expect(outcome.message).not.toContain('\n');
      expect(outcome.message.length).toBeLessThan(2_000);
    }),
    { numRuns: 300 },
  );
});
