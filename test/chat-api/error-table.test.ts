import { expect, test } from 'vitest';
import { apiError } from '../../src/chat-api/call-error.ts';
import { type ErrorClass, errorTable } from '../../src/chat-api/error-table.ts';

// The vendor's codes by class, written down from its documents a second time.
const documented: Readonly<Record<string, { fits: readonly ErrorClass[]; codes: readonly number[] }>> = {
  'may pass': { fits: ['transient'], codes: [50004, 50005, 60014, 70169, 70202, 70500] },
  'may pass, or not': { fits: ['transient-few'], codes: [60008, 60013] },
  "may pass, or is the user's own": { fits: ['user-few'], codes: [51007] },
  'too many calls': { fits: ['limit'], codes: [60007, 60011, 60018, 60019, 70114] },
  'the UserSig is old': { fits: ['sign-again'], codes: [70001, 70052] },
  'the credentials are wrong': {
    fits: ['credential'],
    codes: [60004, 60005, 70002, 70003, 70005, 70009, 70013, 70014, 70050, 70101],
  },
  'the app or the region is wrong': {
    fits: ['configuration'],
    codes: [
      50003, 51013, 60006, 60009, 60010, 60012, 60016, 60017, 60020, 60021, 70016, 70020, 70398, 70403, 71000,
      72000, 72001,
    ],
  },
  'no such user': { fits: ['not-in-app'], codes: [50001, 70107] },
  "the user's own": { fits: ['user'], codes: [70051] },
  'the request is wrong': {
    fits: ['request'],
    codes: [50002, 51006, 51008, 51009, 51010, 51011, 51012, 60002, 60003, 60015, 70206, 70402],
  },
};

test.each(Object.entries(documented))('%s: every such code has the class', (_, { fits, codes }) => {
  for (const code of codes) {
    const entry = errorTable.get(code);
    expect(entry?.class, String(code)).toBeOneOf([...fits]);
    expect(entry?.description).not.toBe('');
  }
});

test('the table has every documented code and no other', () => {
  const codes = Object.values(documented).flatMap((each) => each.codes);
  expect([...errorTable.keys()].sort()).toEqual(codes.sort());
});

test('an error shows its code, its meaning, the message of the API, and at the end a hint', () => {
  expect(apiError(60_007, 'slow "down"').message).toBe(
    '60007: the call rate of the REST API is exceeded; the API says "slow \\"down\\""; ' +
      "another client uses the app's quota too, or the quota is lower than --rate: lower --rate; if --rate-margin is a number, set auto",
  );
  expect(apiError(79_999, '')).toMatchObject({ class: 'unknown', code: 79_999 });
  expect(apiError(79_999, '').message).toBe(
    "79999: a code that this version does not know; look it up in the vendor's list of error codes, and please report it",
  );
});

test.each([...errorTable])('the message of %i ends with its hint', (code, { hint }) => {
  expect(hint.length).toBeGreaterThan(15);
  expect(apiError(code, 'no').message.endsWith(`; ${hint}`)).toBe(true);
});

test('what stops a run is about one of its settings, and nothing else is', () => {
  for (const [code, { class: errorClass, about }] of errorTable) {
    const stops = ['sign-again', 'credential', 'configuration'].includes(errorClass);
    expect(about !== null, String(code)).toBe(stops);
  }
});
