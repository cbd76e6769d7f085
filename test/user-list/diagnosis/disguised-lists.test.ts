import { describe, expect, test } from 'vitest';
import { openListFile } from '../../../src/user-list/list-file.ts';
import { problemsIn, read } from '../list-file.ts';

const csvName = 'let the name of the file end in .csv';

describe('a list of one ID a line is refused where it is', () => {
  test.each<[string, string, string]>([
    ['a CSV', 'user_id,name\nalice,A\n', `LIST:1: "user_id,name" is the header of a CSV; ${csvName}`],
    [
      'a CSV in quotes',
      '"user_id","name"\n"alice","A"\n',
      `LIST:1: "\\"user_id\\",\\"name\\"" is the header of a CSV; ${csvName}`,
    ],
    ['a CSV of one column', 'user_id\nalice\n', `LIST:1: "user_id" is the header of a CSV; ${csvName}`],
    [
      'a CSV whose header is written otherwise',
      '\n UserID , name\nalice,A\n',
      `LIST:2: "UserID , name" is the header of a CSV; ${csvName}`,
    ],
    [
      'a table with tabs',
      'name\tuser_id\r\nA\talice\r\n',
      `LIST:1: "name\\tuser_id" is the header of a table; separate its fields by commas, not by "\\t", and ${csvName}`,
    ],
    [
      'a table with bars',
      'user_id|name\nalice|A\n',
      `LIST:1: "user_id|name" is the header of a table; separate its fields by commas, not by "|", and ${csvName}`,
    ],
    [
      'the header again',
      'alice\nuser_id\nbob\n',
      'LIST:2: the header of a CSV in a list of user IDs: "user_id"',
    ],
    ...['USER_ID', 'User_Id', 'UserID', 'userid', 'user-id', 'User Id'].map(
      (header): [string, string, string] => [
        `the header ${header}`,
        `alice\n${header}\nbob\n`,
        `LIST:2: the header of a CSV in a list of user IDs: "${header}"`,
      ],
    ),
    [
      'another header',
      'alice\n"user_id";x\n',
      'LIST:2: the header of a CSV in a list of user IDs: "\\"user_id\\";x"',
    ],
    [
      'JSON lines',
      '{"user_id":"alice"}\n',
      'LIST:1: this looks like JSON; with one JSON value a line, let the name of the file end in .jsonl',
    ],
    [
      'a JSON array',
      '["alice","bob"]\n',
      'LIST:1: this looks like JSON; with one JSON value a line, let the name of the file end in .jsonl',
    ],
    [
      'a JSON array over lines',
      '[\n  "alice",\n  "bob"\n]\n',
      'LIST:1: this looks like JSON; with one JSON value a line, let the name of the file end in .jsonl',
    ],
    [
      'JSON further down',
      'alice\n{"user_id":"bob"}\n',
      'LIST:2: JSON in a list of user IDs: "{\\"user_id\\":\\"bob\\"}"',
    ],
    [
      'quoted throughout',
      '"alice"\n"bob"\n"carol"\n',
      `LIST: every line is in quotes: of a CSV, ${csvName}; of JSON lines, let it end in .jsonl`,
    ],
    [
      'rows with commas',
      'alice,A\n\n"bob",B\n"c, d",C\n',
      `LIST: every line has as many commas (1): give it a header, and ${csvName}; user IDs with such characters fit into a CSV, in quotes`,
    ],
    [
      'rows with semicolons',
      '1;A\n2;B\n3;C\n',
      `LIST: every line has as many semicolons (1): separate fields by commas, give it a header, and ${csvName}; user IDs with such characters fit into a CSV, in quotes`,
    ],
    [
      'one line of all users',
      'alice,bob,carol\n',
      `LIST: every line has as many commas (2): give it a header, and ${csvName}; user IDs with such characters fit into a CSV, in quotes`,
    ],
    [
      'an array without its brackets',
      '"alice",\n"bob",\n"carol"\n',
      `LIST: every line is in quotes: of a CSV, ${csvName}; of JSON lines, let it end in .jsonl`,
    ],
    ['in apostrophes', "'alice'\n'bob'\n'carol'\n", 'LIST: every line is in apostrophes; remove them'],
    [
      'in formulas',
      '="007"\n="008"\n="009"\n',
      'LIST: every line is a formula of a spreadsheet (="…"); write the user IDs as text',
    ],
    [
      'a list of YAML',
      '- alice\n- bob\n- carol\n',
      'LIST: every line begins with "- ", as in YAML; remove it',
    ],
    [
      'a drawn table',
      '+-------+\n| id    |\n+-------+\n| alice |\n+-------+\n',
      'LIST: every line is between bars, as in a drawn table; write one user ID a line',
    ],
    [
      'a drawn table with the header of IDs, which has other lines, too',
      '+---------+\n| user_id |\n+---------+\n| alice   |\n+---------+\n1 row in set\n',
      'LIST:2: the header of a drawn table in a list of user IDs: "| user_id |"',
    ],
    [
      'a table in Markdown',
      '| user_id | name |\n|---|---|\n| alice | A |\n',
      `LIST:1: "| user_id | name |" is the header of a table; separate its fields by commas, not by "|", and ${csvName}`,
    ],
    [
      "Excel's",
      'sep=,\nuser_id,name\n',
      'LIST:1: the line "sep=," is for Excel and no part of a CSV; remove it, and separate fields by commas',
    ],
    [
      'lines that end in CR',
      'alice\rbob\rcarol\r',
      'LIST:1: lines end in CR alone (U+000D); save the list with lines that end in LF or CRLF',
    ],
  ])('%s', async (_, content, problem) => {
    expect(await problemsIn(content, {})).toEqual([problem]);
  });
});

test('and is read where some of its IDs look like that', async () => {
  const ids = [
    'user,1',
    '"two"',
    'three;3',
    'auth0|5f7c8ec7c33c6c004bbafe82',
    '{guid}',
    '[x]',
    'user_id2',
    'User,Id',
    '#TYPE',
  ];
  expect(await read(`${ids.join('\n')}\n`)).toEqual(ids);
  const bars = ['a|1', 'b|2'];
  expect(await read(bars.join('\n'))).toEqual(bars);
});

test.each([
  ['a list of one ID with a comma', ['smith,john']],
  ['a list of two IDs with a comma each', ['smith,john', 'doe,jane']],
  ['a list of one ID with a semicolon', ['smith;john']],
  ['a list of one ID in quotes', ['"bob"']],
  ['a list of two IDs in quotes', ['"bob"', '"al"']],
  ['a list whose first ID begins like a header, with a bar', ['userid|123', 'userid|124']],
  ['a list whose first ID begins like a header, with a semicolon', ['userid;5f7c8ec7', 'bob']],
  [
    'a list with IDs that begin like a header',
    ['bob', 'userid|123', 'UserID7', 'user', 'user_idle', 'Userid_1'],
  ],
])('%s is read', async (_, ids) => {
  expect(await read(`${ids.join('\n')}\n`)).toEqual(ids);
});

test.each(['user_id|name|e-mail|address1', '"user_id";"Full Name"', 'user_id;名前'])(
  'the header %s of a table is one, whatever the names of its columns are',
  async (header) => {
    expect(await problemsIn(`${header}\nalice\n`, {})).toEqual([
      expect.stringContaining('is the header of a table'),
    ]);
  },
);

test.each([
  ['an ID without a letter or a digit', '{"user_id":"😀"}\n{"user_id":"bob"}\n', ['😀', 'bob']],
  ['an ID of stars', '{"user_id":"***"}\n', ['***']],
  ['a text that is called like a column', '"user_id"\n"bob"\n', ['user_id', 'bob']],
  ['a long object', `{"user_id":"*","about":"${'x'.repeat(70_000)}"}\n`, ['*']],
])('JSON lines that begin with %s are read', async (_, content, ids) => {
  expect(await read(content, { name: 'users.jsonl' })).toEqual(ids);
});

test('a user of a CSV may be called like the column of the IDs', async () => {
  const content = 'id,account\n1,alice\n2,account\n';
  expect(await read(content, { name: 'users.csv', column: 'account' })).toEqual(['alice', 'account']);
  expect(await problemsIn('user_id\nalice\nuser_id\n', { name: 'users.csv' })).toEqual([
    'LIST:3: the row repeats the header "user_id"; remove it',
  ]);
});

test.each([
  ['user_id', 'USER_ID'],
  ['USER_ID', 'user_id'],
  ['user_id,name', 'User_ID,Name'],
])('a CSV whose header %s comes again as %s is refused', async (header, again) => {
  const row = header.includes(',') ? 'alice,A' : 'alice';
  expect(await problemsIn(`${header}\n${row}\n${again}\n${row}\n`, { name: 'users.csv' })).toEqual([
    `LIST:3: the row repeats the header "${again.replace(/,.*/, '')}"; remove it`,
  ]);
});

test.each([
  ['user_id,name', 'user_id, name', 'the row repeats the header "user_id"; remove it'],
  [
    'user_id,name',
    'name,user_id',
    'the row is a header with the same columns in another order; give each list its own file',
  ],
  [
    'n,user_id,x',
    'X, user_id ,N',
    'the row is a header with the same columns in another order; give each list its own file',
  ],
])('a CSV with the header %s and, further down, %s is refused', async (header, again, problem) => {
  const row = header.replaceAll(/[^,]+/g, 'alice');
  const content = `${header}\n${row}\n${again}\n${row}\n`;
  expect(await problemsIn(content, { name: 'users.csv' })).toEqual([`LIST:3: ${problem}`]);
});

test('the rows below a header in another order are not read from the wrong column', async () => {
  const content = 'user_id,name\nalice,A\nname,user_id\nB,bob\n';
  expect(await problemsIn(content, { name: 'users.csv', maxBad: 9 })).toEqual([
    expect.stringContaining('LIST:3: the row is a header'),
  ]);
});

test('a row with names of columns is a user, where it is no header', async () => {
  const content = 'user_id,name\nname,name\nuser_id,\nuser_id,x\n';
  expect(await read(content, { name: 'users.csv' })).toEqual(['name', 'user_id', 'user_id']);
});

test('a header in the middle is a bad line, which may pass', async () => {
  expect(await read('alice\nuser_id\nbob\n', { maxBad: 1 })).toEqual(['alice', 'bob']);
  expect(await read('user_id,n\nalice,1\nuser_id,n\nbob,2\n', { name: 'users.csv', maxBad: 1 })).toEqual([
    'alice',
    'bob',
  ]);
});

describe('a CSV is refused where it is', () => {
  test.each<[string, string, string]>([
    ['cut by semicolons, in quotes', '"user_id";"name"\n"a";"A"\n', 'the separator must be a comma, not ";"'],
    [
      'cut by tabs, in quotes',
      '\r\n"user_id"\t"name"\n"a"\t"A"\n',
      'the separator must be a comma, not "\\t"',
    ],
    [
      "one with Excel's line",
      'sep=;\nuser_id;name\n',
      'the line "sep=;" is for Excel and no part of a CSV; remove it, and separate fields by commas',
    ],
    [
      "one with Excel's line, quoted",
      '"sep=,"\r\nuser_id,name\r\n',
      'the line "\\"sep=,\\"" is for Excel and no part of a CSV; remove it, and separate fields by commas',
    ],
    [
      "one with PowerShell's line",
      '#TYPE System.String\r\n"user_id"\r\n"a"\r\n',
      'the type line of PowerShell is no part of a CSV; remove it, or write the CSV with Export-Csv -NoTypeInformation',
    ],
    [
      'of lines that end in CR',
      'user_id,name\ralice,A\rbob,B\r',
      'lines end in CR alone (U+000D); save the list with lines that end in LF or CRLF',
    ],
    [
      'of quoted lines that end in CR',
      '"user_id"\r"alice"\r',
      'lines end in CR alone (U+000D); save the list with lines that end in LF or CRLF',
    ],
    [
      'JSON',
      '{"user_id":"a"}\n',
      'this looks like JSON, not CSV; with one JSON value a line, let the name of the file end in .jsonl',
    ],
  ])('%s', async (_, content, problem) => {
    expect(await problemsIn(content, { name: 'users.csv' })).toEqual([expect.stringMatching(/^LIST:[12]: /)]);
    expect((await problemsIn(content, { name: 'users.csv' })).join()).toContain(`: ${problem}`);
  });

  test('one whose header comes again', async () => {
    expect(await problemsIn('user_id,name\nalice,A\nuser_id,name\nbob,B\n', { name: 'users.csv' })).toEqual([
      'LIST:3: the row repeats the header "user_id"; remove it',
    ]);
  });
});

test('rows of commas, of quoted nothing and of white space are blank', async () => {
  const content =
    ',,\r\n"","",""\r\nuser_id,n,x\r\nalice,1,\r\n,,\r\n"","",""\r\n ,\t,\r\n,\r\n\r\n,,"\n"\r\nbob,,\r\n';
  expect(await read(content, { name: 'users.csv' })).toEqual(['alice', 'bob']);
  expect(await problemsIn('user_id,n\n,1\n', { name: 'users.csv' })).toEqual([
    'LIST:2: the user ID is empty',
  ]);
});

describe('JSON lines are refused where they are', () => {
  test.each([
    [
      'an array',
      '[{"user_id":"a"},{"user_id":"b"}]\n',
      'LIST:1: a JSON array, not JSON lines; write one value a line (jq -c .[])',
    ],
    [
      'an object over several lines',
      '{\n "user_id": "a"\n}\n',
      'LIST:1: an object over several lines, not JSON lines; write one value a line (jq -c .)',
    ],
    ['a CSV', 'user_id,name\na,A\n', `LIST:1: "user_id,name" is the header of a CSV; ${csvName}`],
  ])('%s', async (_, content, problem) => {
    expect(await problemsIn(content, { name: 'users.jsonl' })).toEqual([problem]);
  });
});

test.each([
  'users.csv.1',
  'users.csv.bak',
  'users.csv~',
  'users.csv (2)',
  'users.jsonl.old',
  'users.csv.2026-11-30',
  'users.tsv.1',
  'users.xlsx.tmp',
])('a file called %s is refused, since its name hides what it is', (name) => {
  expect(() => openListFile(`/x.csv.d/${name}`, null)).toThrow(
    /: the name ends in \.\S.*, which does not tell how to read it; let it end in /,
  );
});

test.each(['users.csv.txt', 'users.csvs', 'my.csv-users/users', 'users'])(
  'one called %s is read by the line',
  (name) => {
    expect(openListFile(`/x.csv.d/${name}`, null).format).toBe('lines');
  },
);

test('a stream gets a hint how to read it: its name does not show the format', async () => {
  expect(openListFile('/dev/fd/63', null)).toMatchObject({ format: 'lines', isStream: true });
  expect(openListFile('/dev/fd/63', 'id').format).toBe('csv');
  expect(openListFile('/dev/stdin', 'id').format).toBe('csv');
  expect(openListFile('/proc/self/fd/0', 'id').format).toBe('csv');
  expect(openListFile('-', 'id').format).toBe('csv');
});
