import { describe, expect, test } from 'vitest';
import { parseDatabaseUrl } from '../../src/database-url/database-url.ts';

describe('a URL says what it says to psql', () => {
  test.each([
    ['postgres://', 'postgres://', {}],
    ['postgres:///chats', 'postgres:///chats', { dbname: 'chats' }],
    ['postgresql://db', 'postgres://db', { host: 'db' }],
    [
      'postgres://u@/chats?host=/run/a',
      'postgres://u@/chats',
      { user: 'u', dbname: 'chats', host: '/run/a' },
    ],
    [
      'postgres://u:pw@/chats?host=%2Frun%2Fa&port=5433',
      'postgres://u@/chats',
      { user: 'u', password: 'pw', dbname: 'chats', host: '/run/a', port: '5433' },
    ],
    ['postgres://u@:5433/chats', 'postgres://u@:5433/chats', { user: 'u', port: '5433', dbname: 'chats' }],
    [
      'postgres://u@[::1]:5433/c',
      'postgres://u@[::1]:5433/c',
      { user: 'u', host: '::1', port: '5433', dbname: 'c' },
    ],
    ['postgres://[fe80::1]', 'postgres://[fe80::1]', { host: 'fe80::1' }],
    ['postgres://%2Frun%2Fa/chats', 'postgres://%2Frun%2Fa/chats', { host: '/run/a', dbname: 'chats' }],
    [
      'postgres://u:a#b?c:d@db/chats',
      'postgres://u@db/chats',
      { user: 'u', password: 'a#b?c:d', host: 'db', dbname: 'chats' },
    ],
    ['postgres://u%40x:p%2F%25@db', 'postgres://u%40x@db', { user: 'u@x', password: 'p/%', host: 'db' }],
    [
      'postgres://db/chats?user=u%40tenant',
      'postgres://db/chats',
      { host: 'db', dbname: 'chats', user: 'u@tenant' },
    ],
    ['postgres://db?options=-c%20a%3Db+c', 'postgres://db', { host: 'db', options: '-c a=b+c' }],
    ['postgres://a/x?host=b', 'postgres://a/x', { host: 'b', dbname: 'x' }],
    ['postgres://a/x?host=&port=5433&', 'postgres://a/x', { host: 'a', dbname: 'x', port: '5433' }],
  ])('%s', (text, shown, parameters) => {
    const url = parseDatabaseUrl(text);
    expect(Object.fromEntries(url.parameters)).toEqual(parameters);
    expect(url.shown).toBe(shown);
    expect(url.hasPassword).toBe('password' in parameters);
  });
});

test.each([
  ['postgres://u:hu/sh@db/chats', 'in user and password, write / as %2F, @ as %40 and % as %25'],
  ['postgres://u:12/hush@db/chats', 'in user and password, write / as %2F, @ as %40 and % as %25'],
  ['postgres://u:hu@sh@db/chats', 'in user and password, write / as %2F, @ as %40 and % as %25'],
  ['postgres://u:hu%sh@db/chats', 'a % stands alone; write it as %25'],
  ['postgres://u:hu%ffsh@db/chats', 'what a % stands for in the URL is no text in UTF-8'],
  ['postgres://u:hu%00sh@db/chats', 'what a % stands for in the URL is no text in UTF-8'],
  ['postgres://u:hu sh@db/chats', 'the URL holds white space or a line break; write a space as %20'],
  ['postgres://u:hush\r\n@db/chats', 'the URL holds white space or a line break; write a space as %20'],
  ['postgres://u:hush@db:port/chats', 'in user and password, write / as %2F, @ as %40 and % as %25'],
  ['postgres://db:hush/chats', 'expected postgres://USER@HOST:PORT/DATABASE, with a number as PORT'],
  [
    'postgres://db/chats?sslmode:verify-full',
    'the query of the URL holds something other than parameters; write ?NAME=VALUE&NAME=VALUE',
  ],
  [
    'postgres://db/chats?host=a&sslmode',
    'the query of the URL holds something other than parameters; write ?NAME=VALUE&NAME=VALUE',
  ],
  [
    'postgres://db/chats?sslmode%3Dverify-full',
    'the query of the URL holds something other than parameters; write ?NAME=VALUE&NAME=VALUE',
  ],
  [
    'postgres://db/chats?sslmode:verify-full=',
    'the query of the URL holds something other than parameters; write ?NAME=VALUE&NAME=VALUE',
  ],
  [
    'postgres://db/chats?=verify-full',
    'the query of the URL holds something other than parameters; write ?NAME=VALUE&NAME=VALUE',
  ],
  [
    'postgres://db/chats?password:hush&sslmode=require',
    'the query of the URL holds something other than parameters; write ?NAME=VALUE&NAME=VALUE',
  ],
  [
    'postgres://u:12/w?hush@db',
    'the query of the URL holds an @; in user and password, write / as %2F, @ as %40 and % as %25, and in the query @ as %40',
  ],
  [
    'postgres://u:12/w?hush=1@db',
    'the query of the URL holds an @; in user and password, write / as %2F, @ as %40 and % as %25, and in the query @ as %40',
  ],
  [
    'postgres://u:12/w?user=hush@db',
    'the query of the URL holds an @; in user and password, write / as %2F, @ as %40 and % as %25, and in the query @ as %40',
  ],
  [
    'postgres://u:hush@db1:1,db2:2/chats',
    'several hosts are not served; name one, or an address that follows the primary',
  ],
  [
    'postgres:u:hush@db',
    'expected postgres://USER@HOST:PORT/DATABASE; in user and password, write / as %2F, @ as %40 and % as %25',
  ],
])('%s is refused without a word of its password', (text, said) => {
  expect(() => parseDatabaseUrl(text)).toThrow(new RangeError(said));
});
