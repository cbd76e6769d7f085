import { describe, expect, test } from 'vitest';
import { PaginationError, readAnswer } from '../../../src/chat-api/answer.ts';
import { apiError, CallError } from '../../../src/chat-api/call-error.ts';
import { pullPages } from '../../../src/chat-api/pull-pages.ts';
import { InvalidPage } from '../../../src/rows/page.ts';
import { redactQuotes } from '../../../src/run/ids/redact-quotes.ts';
import { rowsOf, rowsOfItems } from '../../rows/pages.ts';

const messageOf = (error: unknown): string => (error as Error).message;

function refusalOf(item: unknown): string {
  try {
    rowsOfItems(item);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidPage);
    return messageOf(redactQuotes(error));
  }
  throw new Error('the item was understood');
}

describe('an error that can be shown', () => {
  test.each([
    [{ Type: 1, To_Account: 'x'.repeat(600) }, 'To_Account has over 512 bytes: "…"'],
    [{ Type: 1, To_Account: 4711 }, 'To_Account is …, not a string'],
    [{ Type: 1, To_Account: 'a', ContactGroupId: 'say "hi" \\ 4711' }, 'ContactGroupId is "…", not a list'],
    [{ Type: 1, To_Account: 'a', StandardMark: '"01\\' }, 'StandardMark is "…", not a string of 0 and 1'],
    [{ Type: 9, To_Account: 'a' }, 'an item has Type …, neither 1 (one-to-one) nor 2 (group)'],
  ])('does not show the content of a page: %j', (item, reported) => {
    expect(refusalOf(item)).toBe(reported);
  });

  test('does not show what a long value began with, whose quote is never closed', () => {
    const reported = refusalOf({ Type: 1, To_Account: 'a', ContactGroupId: `4711 ${'\\"'.repeat(60)}` });
    expect(reported).not.toContain('4711');
  });

  const ID = 13_800_138_000;
  const NAME = 'someone@example.com';
  const page = (fields: object): string =>
    JSON.stringify({ ActionStatus: 'OK', ErrorCode: 0, ErrorInfo: '', CompleteFlag: 1, ...fields });
  const item = (fields: object): string => page({ ContactItem: [{ Type: 1, To_Account: NAME, ...fields }] });
  test.each([
    ['no JSON', `${NAME} ${ID}`],
    ['no object', String(ID)],
    ['no code', page({ ErrorCode: NAME, [NAME]: ID })],
    ['a code', page({ ErrorCode: ID, ErrorInfo: NAME })],
    ['a code below 0', page({ ErrorCode: -ID, ErrorInfo: NAME })],
    ['a refusal', page({ ErrorCode: 50_002, ErrorInfo: `${NAME} ${ID}` })],
    ['a status', page({ ActionStatus: NAME })],
    ['another user', page({ From_Account: `${NAME} ${ID}` })],
    ['no list', page({ ContactItem: ID })],
    ['a flag', page({ CompleteFlag: ID })],
    ['a flag with digits', page({ CompleteFlag: 0 }).replace('"CompleteFlag":0', `"CompleteFlag":${ID}.50`)],
    ['a text as the flag', page({ CompleteFlag: NAME })],
    ['a start', page({ CompleteFlag: 0, NextStartIndex: ID + 0.5 })],
    [
      'an attempt with digits',
      page({ CompleteFlag: 0, NextStartIndex: 1 }).replace('Index":1', `Index":${ID}9999999`),
    ],
    ['an item', page({ ContactItem: [ID] })],
    ['a text as an item', page({ ContactItem: [NAME] })],
    ['a type', item({ Type: ID })],
    ['a type with digits', item({ Type: 0 }).replace('"Type":0', `"Type":-${ID}.0`)],
    ['a peer', item({ To_Account: ID })],
    ['a long peer', item({ To_Account: `${NAME}${ID}`.repeat(30) })],
    ['a peer that cannot be stored', item({ To_Account: `${NAME}\0${ID}` })],
    ['no peer', page({ ContactItem: [{ Type: 1, X: NAME }] })],
    ['a mark', item({ StandardMark: `${NAME} ${ID}` })],
    ['a number as the mark', item({ StandardMark: ID })],
    ['a time', item({ Timestamp: ID })],
    ['a group', page({ GroupItem: [{ GroupId: NAME, GroupName: 1 }] })],
    ['a name', page({ GroupItem: [{ GroupId: 1, GroupName: ID }] })],
    ['groups', item({ ContactGroupId: [`${NAME}${ID}`] })],
    ['a field', item({ [`${NAME}${ID}\0`]: 1, [`${NAME}${ID}\ud800`]: 2 })],
  ])('holds nothing that an answer brought: %s', (_, body) => {
    let reported: unknown;
    try {
      const { contactItems, groupItems } = readAnswer(body, { userId: 'user0' });
      rowsOf([{ contactItems: [...contactItems], groupItems: [...groupItems] }]);
    } catch (error) {
      reported = redactQuotes(error);
    }
    const { message, info = '', code = null } = reported as CallError;
    expect(message).not.toBe('');
    expect([message, info, code].join()).not.toMatch(/someone|13.?800.?138/);
  });

  test('names the pages that go round in a circle without their index', async () => {
    const error = await pullPages(
      'user0',
      async () => ({ contactItems: [], groupItems: [], next: ID }),
      9,
    ).catch((thrown: unknown) => thrown);
    expect(messageOf(redactQuotes(error))).toMatch(
      /^pagination loop: page 2 points back to NextStartIndex …$/,
    );
  });

  test("has the code's meaning and hint, and none of the API's words", () => {
    const error = apiError(50004, 'no such user: user0000001');
    const reported = redactQuotes(error) as CallError;
    expect(reported).toMatchObject({ code: 50004, class: error.class, hint: error.hint });
    expect(reported.message + reported.info).not.toMatch(/user0000001/);
    expect(reported.info).toMatch(/^50004: /);
  });

  test('has no beginning of an answer that is none, and no index of a page', () => {
    const malformed = new CallError({
      class: 'malformed',
      message: 'the answer is not JSON; it begins "{\\"To_Account\\":\\"user0000001',
    });
    expect(messageOf(redactQuotes(malformed))).toBe('the answer is not JSON; it begins "…"');
    const broken = new PaginationError('a page says that there is more, but its NextStartIndex is 12.5');
    expect(messageOf(redactQuotes(broken))).toMatch(/NextStartIndex is …$/);
  });

  test('is unchanged if it contains no answer of the API', () => {
    const error = new Error('"a"');
    expect(redactQuotes(error)).toBe(error);
  });
});
