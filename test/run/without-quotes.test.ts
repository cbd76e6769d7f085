import { describe, expect, test } from 'vitest';
import { PagingBroken } from '../../src/chat-api/answer.ts';
import { apiError, CallError } from '../../src/chat-api/call-error.ts';
import { withoutQuotes } from '../../src/run/without-quotes.ts';
import { PageRefused } from '../../src/tables/page.ts';
import { rowsOfItems } from '../tables/pages.ts';

const messageOf = (error: unknown): string => (error as Error).message;

function refusalOf(item: unknown): string {
  try {
    rowsOfItems(item);
  } catch (error) {
    expect(error).toBeInstanceOf(PageRefused);
    return messageOf(withoutQuotes(error));
  }
  throw new Error('the item was understood');
}

describe('an error that may be told', () => {
  test.each([
    [{ Type: 1, To_Account: 'x'.repeat(600) }, 'To_Account has over 512 bytes: "…"'],
    [{ Type: 1, To_Account: 4711 }, 'To_Account is …, not a string'],
    [{ Type: 1, To_Account: 'a', ContactGroupId: 'say "hi" \\ 4711' }, 'ContactGroupId is "…", not a list'],
    [{ Type: 1, To_Account: 'a', StandardMark: '"01\\' }, 'StandardMark is "…", not a string of 0 and 1'],
    [{ Type: 9, To_Account: 'a' }, 'an item has Type 9, neither 1 (one-to-one) nor 2 (group)'],
  ])('does not show what a page held: %j', (item, told) => {
    expect(refusalOf(item)).toBe(told);
  });

  test('does not show what a long value began with, whose quote is never closed', () => {
    const told = refusalOf({ Type: 1, To_Account: 'a', ContactGroupId: `4711 ${'\\"'.repeat(60)}` });
    expect(told).not.toContain('4711');
  });

  test("has the code's meaning and cure, and none of the API's words", () => {
    const error = apiError(50004, 'no such user: user0000001');
    const told = withoutQuotes(error) as CallError;
    expect(told).toMatchObject({ code: 50004, class: error.class, cure: error.cure });
    expect(told.message + told.info).not.toMatch(/user0000001/);
    expect(told.info).toMatch(/^50004: /);
  });

  test('has no beginning of an answer that is none, and no index of a page', () => {
    const malformed = new CallError({
      class: 'malformed',
      message: 'the answer is not JSON; it begins "{\\"To_Account\\":\\"user0000001',
    });
    expect(messageOf(withoutQuotes(malformed))).toBe('the answer is not JSON; it begins "…"');
    const broken = new PagingBroken('a page says that there is more, but its NextStartIndex is 12.5');
    expect(messageOf(withoutQuotes(broken))).toMatch(/NextStartIndex is …$/);
  });

  test('is left as it is where no answer of the API is in it', () => {
    const error = new Error('"a"');
    expect(withoutQuotes(error)).toBe(error);
  });
});
