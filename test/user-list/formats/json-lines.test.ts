import { describe, expect, test } from 'vitest';
import { problemsIn, read } from '../list-file.ts';

const jsonl = { name: 'users.jsonl' };

test.each([
  ['texts', '"a"\n"b"\n'],
  ['objects', '{"user_id":"a"}\n{"n":{"user_id":"x"},"user_id":"b"}'],
  ['both, CRLF, blank lines and a byte order mark', '\ufeff"a"\r\n\n \t\r\n { "user_id" : "b" } \r\n'],
])('JSON lines of %s hold their users', async (_, content) => {
  expect(await read(content, jsonl)).toEqual(['a', 'b']);
  expect(await read(content, { name: 'users.ndjson' })).toEqual(['a', 'b']);
});

test('the field is the one that is named', async () => {
  expect(await read('{"id":"a","user_id":"x"}\n', { ...jsonl, column: 'id' })).toEqual(['a']);
});

test('whole numbers count as their digits', async () => {
  expect(await read('12\n{"user_id":9007199254740991}\n-7\n{"n":1.5,"user_id": 0 }\n', jsonl)).toEqual([
    '12',
    '9007199254740991',
    '-7',
    '0',
  ]);
});

test('an object with escapes is read, however long', async () => {
  const about = '\\u00e9\\n'.repeat(120_000);
  expect(await read(`{"about":"${about}","user\\u005fid":"a\\u0062"}\n`, jsonl)).toEqual(['ab']);
});

test('escapes stand for what they mean', async () => {
  expect(await read('"\\u7ba1\\u7406\\u5458"\n"\\ud83d\\ude00"\n"a\\"b"\n', jsonl)).toEqual([
    '管理员',
    '😀',
    'a"b',
  ]);
});

test('a field is looked for in the object itself, and not in what it holds', async () => {
  const inner = '{"n":{"user_id":1.5,"s":"\\"user_id\\":2"},"user_id":7,"l":[{"user_id":8}]}';
  expect(await read(`${inner}\n`, jsonl)).toEqual(['7']);
});

test('an array has no field, whatever the field is called', async () => {
  const problems = await problemsIn('"a"\n[1,2]\n', { ...jsonl, column: 'length' });
  expect(problems).toEqual(['LIST:2: a JSON array; expected one value a line: "[1,2]"']);
});

describe('is a bad line:', () => {
  test.each<[string, string | Buffer, RegExp]>([
    ['what is no JSON', '{"user_id":"a"', /not JSON/],
    ['an ID without quotes', 'alice', /not JSON/],
    ['null', 'null', /expected a string or an object with the field "user_id"/],
    ['true', 'true', /expected a string or an object/],
    ['a fraction', '1.5', /expected a string or an object/],
    ['a number that a number cannot hold', '9007199254740993', /expected a string or an object/],
    ['a list', '["a"]', /a JSON array; expected one value a line/],
    ['a number with a point', '12.0', /not written as a whole one: "12\.0"; write its digits alone/],
    ['a number with an exponent', '{"user_id":1e3}', /not written as a whole one/],
    ['a fraction that is rounded to a whole', '{"user_id":9007199254740990.6}', /not written as a whole one/],
    [
      'a long fraction',
      '{"a":[{"user_id":1}],"user_id":12.0000000000000000001}',
      /not written as a whole one/,
    ],
    ['zero below zero', '-0', /not written as a whole one/],
    ['a field that is there twice', '{"user_id":"a","n":1,"user_id":"b"}', /has the field "user_id" 2 times/],
    [
      'a field that is there twice, spelled differently',
      '{"user_id":"good","user\\u005fid":"evil"}',
      /has the field "user_id" 2 times/,
    ],
    ['an object without the field', '{"id":"a"}', /has no field "user_id"/],
    ['a field that every object inherits', '{"toString":"a"}', /has no field "user_id"/],
    ['a null in the field', '{"user_id":null}', /the field "user_id" is neither a string nor a whole number/],
    ['a large number in the field', '{"user_id":1e300}', /the field "user_id" is neither/],
    ['an empty text', '""', /the user ID is empty/],
    ['a text of 33 bytes', `"${'x'.repeat(33)}"`, /at most 32 bytes/],
    ['white space around an ID', '" a"', /white space/],
    ['a line break in an ID', '"a\\nb"', /line break/],
    ['U+0000', '"a\\u0000"', /U\+0000/],
    ['half a character', '"\\ud800"', /half a character/],
    [
      'half a character in a long text',
      `{"user_id":"${'\\ud800'.repeat(30_000)}"}`,
      /half a character .*: "\{\\"user_id\\":/,
    ],
    ['what is not UTF-8', Buffer.from('"caf\xe9"', 'latin1'), /not UTF-8/],
    ['a line of over 1 MiB', `"${'x'.repeat(1024 * 1024)}"`, /at most 1 MiB/],
    ['deep nesting', '['.repeat(100_000), /not JSON/],
  ])('%s', async (_, line, problem) => {
    const content = Buffer.concat([Buffer.from('"ok"\n\n'), Buffer.from(line), Buffer.from('\n"ok"\n')]);
    const problems = await problemsIn(content, jsonl);
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^LIST:3: .*${problem.source}`))]);
    expect(problems[0]?.length).toBeLessThan(250);
  });
});
