import { describe, expect, test } from 'vitest';
import { parseDestination } from '../../../src/destinations/open/parse-destination.ts';

describe('directories', () => {
  test.each([
    ['csv:out', { kind: 'files', scheme: 'csv', dir: 'out' }],
    ['csv:/srv/out', { kind: 'files', scheme: 'csv', dir: '/srv/out' }],
    ['csv:.', { kind: 'files', scheme: 'csv', dir: '.' }],
    ['parquet:out', { kind: 'files', scheme: 'parquet', dir: 'out' }],
    ['embedded:C:\\db', { kind: 'embedded', dir: 'C:\\db' }],
  ])('%s', (text, expected) => {
    expect(parseDestination(text)).toEqual(expected);
  });

  test.each([
    ['csv:', 'the directory is missing; write csv:DIR'],
    ['csv: ', 'the directory is missing; write csv:DIR'],
    ['parquet:', 'the directory is missing; write parquet:DIR'],
    ['embedded:', 'the directory is missing; write embedded:DIR'],
    ['csv://host/out', 'expected csv:DIR with a directory, not a URL'],
    ['parquet:~/out', '~ has no meaning here; write parquet:/the/whole/path'],
    ['csv:~/out', '~ has no meaning here; write csv:/the/whole/path'],
    ['csv:~', '~ has no meaning here; write csv:/the/whole/path'],
  ])('%s is refused', (text, message) => {
    expect(() => parseDestination(text)).toThrow(new RangeError(message));
  });
});

describe('postgres', () => {
  test.each([
    [
      'postgres://u:hush@db.example.com:5433/chats?sslmode=require',
      'postgres://u@db.example.com:5433/chats',
      true,
    ],
    ['postgresql://u@db/chats', 'postgres://u@db/chats', false],
    ['postgres://db', 'postgres://db', false],
    ['postgres:///chats?host=/run/postgresql', 'postgres:///chats', false],
    ['postgres://u@db/chats?password=hush', 'postgres://u@db/chats', true],
    ['postgres://u@db/chats?sslpassword=hush', 'postgres://u@db/chats', true],
    ['postgres://u:p%40ss@db/chats', 'postgres://u@db/chats', true],
    ['postgres://u:hu#sh?@db/chats', 'postgres://u@db/chats', true],
    ['postgres://u@/chats?host=/run/postgresql', 'postgres://u@/chats', false],
  ])('%s is shown as %s', (text, shown, hasPassword) => {
    const typed = parseDestination(text);
    expect(typed).toMatchObject({ kind: 'postgres', shown, hasPassword });
    expect(typed.kind === 'postgres' && typed.url.reveal()).toBe(text);
  });

  test.each([
    'postgres:u@db/chats',
    'postgres://u:hu/sh@db/chats',
    'postgres://u:12/hush@db/chats',
    'postgres://u:hu%sh@db/chats',
  ])('%s is refused without a word of it', (text) => {
    expect(() => parseDestination(text)).toThrow(RangeError);
    expect(() => parseDestination(text)).not.toThrow(/hu|sh@|chats/);
  });
});

test.each(['postgres://u:a,b@db1:5432,db2:5433/chats', 'postgres://db1,db2/chats'])(
  '%s has a host too many',
  (text) => {
    expect(() => parseDestination(text)).toThrow('several hosts are not served; name one');
  },
);

test.each(['out', 'mysql://u:hush@db', 'postgress://u:hush@db', '', ':', 'orc:out'])(
  '%j names no known destination, and the message lists them',
  (text) => {
    expect(() => parseDestination(text)).toThrow(
      'expected a destination: postgres://…, csv:DIR, parquet:DIR or embedded:DIR',
    );
  },
);
