import { describe, expect, test } from 'vitest';
import { apiError, CallError } from '../../../src/chat-api/call-error.ts';
import { errorTable } from '../../../src/chat-api/error-table.ts';
import { classifyFailure, stopsTheRun } from '../../../src/run/calls/classify-failure.ts';
import { unexportedRow } from '../../../src/run/pull/unexported.ts';

describe('a failed call', () => {
  test.each([
    [50004, { kind: 'retry', attempts: 8, mayBeOutage: true }],
    [50005, { kind: 'retry', attempts: 8, mayBeOutage: true }],
    [60008, { kind: 'retry', attempts: 3, mayBeOutage: true }],
    [51007, { kind: 'retry', attempts: 3, mayBeOutage: false }],
    [60011, { kind: 'retry', attempts: 50, mayBeOutage: true }],
    [70001, { kind: 'retry', attempts: 2, wait: false }],
    [50001, { kind: 'give-up' }],
    [70009, { kind: 'give-up' }],
    [99999, { kind: 'give-up' }],
  ])('with %i has its fate', (code, fate) => {
    expect(classifyFailure(apiError(code, ''), 8)).toMatchObject(fate);
  });

  test('that is a fault of the program is never tried again', () => {
    expect(classifyFailure(new TypeError('undefined is not a function'), 8)).toEqual({ kind: 'give-up' });
  });

  test.each([...errorTable.keys(), 99999])(
    'with %i either stops the run or gives its user a reason',
    (code) => {
      const error = apiError(code, 'said the API');
      const row = unexportedRow('u', 1, error, 3);
      expect(row === null).toBe(stopsTheRun(error));
      if (row !== null) {
        expect(row).toMatchObject({ error_code: code, error_info: 'said the API', calls: 3 });
      }
    },
  );
});

test('an unexported user keeps what a network said, without what a database cannot store', () => {
  const error = new CallError({ class: 'transient', message: 'reset\0 by \ud800peer' });
  expect(unexportedRow('u', 1, error, 8)).toMatchObject({
    reason: 'transient_error',
    error_code: null,
    error_info: 'reset\ufffd by \ufffdpeer',
  });
});

test('a fault of the program is never the reason of a user', () => {
  expect(unexportedRow('u', 1, new TypeError('x'), 1)).toBeNull();
});
