import { expect, test } from 'vitest';
import { InvalidPage } from '../../../src/rows/page.ts';
import { explainCause, explainUnexported } from '../../../src/run/events/causes.ts';
import { redactQuotes } from '../../../src/run/ids/redact-quotes.ts';
import { rowsOfItems } from '../../rows/pages.ts';

function infoOf(item: unknown): string {
  try {
    rowsOfItems(item);
  } catch (error) {
    if (error instanceof InvalidPage) return error.message;
    throw error;
  }
  throw new Error('the item was understood');
}

const hintOf = (info: string): string =>
  explainUnexported({ reason: 'invalid_page', error_code: null, error_info: info }).hint;

test.each([
  ['a number', { Type: 3, To_Account: 'peer' }],
  ['a text', { Type: 'c2c', To_Account: 'peer' }],
  ['nothing', { To_Account: 'peer' }],
])('the hint for an item whose Type is %s names the flag that skips it', (_, item) => {
  expect(hintOf(infoOf(item))).toContain('--unknown-items skip');
  const redacted = redactQuotes(new InvalidPage(infoOf(item)));
  expect(hintOf(redacted instanceof Error ? redacted.message : '')).toContain('--unknown-items skip');
});

test.each([
  ['has no peer', { Type: 1 }],
  ['has a peer that is no ID', { Type: 1, To_Account: true }],
  ['has a Timestamp of another unit', { Type: 1, To_Account: 'peer', Timestamp: 9_999_999_999_999 }],
  ['has no list of groups', { Type: 1, To_Account: 'peer', ContactGroupId: 'x' }],
  ['is no object', null],
])('the hint for an item that %s does not name a flag that would not help', (_, item) => {
  expect(hintOf(infoOf(item))).toBe('please report it');
});

test('the hint for many users names the flag where it would help one of them', () => {
  const unknownType = infoOf({ Type: 3, To_Account: 'peer' });
  expect(explainCause('invalid_page', [infoOf({ Type: 1 }), unknownType]).hint).toContain(
    '--unknown-items skip',
  );
  expect(explainCause('invalid_page', [infoOf({ Type: 1 })]).hint).toBe('please report it');
});
