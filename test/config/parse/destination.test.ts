import { describe, expect, test } from 'vitest';
import { parseDestination } from '../../../src/config/parse/destination.ts';
import { env, flags, jobFile, problemsOf, start } from '../job-start.ts';

const { to: _, ...others } = flags;

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
    'csv:',
    'csv: ',
    'parquet:',
    'parquet:~/out',
    'embedded:',
    'csv://host/out',
    'csv:~/out',
    'csv:~',
  ])('%s is refused', (text) => {
    expect(() => parseDestination(text)).toThrow(/csv:|parquet:|embedded:/);
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
      'expected a destination: csv:DIR, parquet:DIR, postgres://… or embedded:DIR',
    );
  },
);

test('a variable that ends with a line, as one from a file does, is read without it', async () => {
  const variables = {
    ...env,
    CHAT_EXPORT_TO: 'csv:out\n',
    CHAT_EXPORT_RATE: '20\r\n',
    CHAT_EXPORT_SECRET_KEY: `${env.CHAT_EXPORT_SECRET_KEY}\n`,
  };
  const { job } = await start({ flags: { ...others, users: 'users.txt' }, env: variables });
  expect(job.destination).toMatchObject({ kind: 'files', dir: '/work-dir/out' });
  expect(job.pull.rate).toBe(20);
  const file = await jobFile(`to: postgres://u:\${PW}@\${HOST}/chats\n`);
  const byFile = await start({ ...file, flags: others, env: { ...env, PW: 'hush\n', HOST: 'db\r\n' } });
  expect(byFile.job.destination).toMatchObject({ shown: 'postgres://u@db/chats' });
});

describe('a password in the URL', () => {
  const to = 'postgres://u:hush@db.example.com/chats';

  test('is refused on the command line, without repeating it', async () => {
    const problems = await problemsOf({ flags: { ...others, to } });
    expect(problems).toEqual([
      '--to: every user of this machine can see a password on the command line; put the URL into CHAT_EXPORT_TO, or the password into PGPASSWORD or ~/.pgpass',
    ]);
  });

  test('is taken from a variable and from a file', async () => {
    const destination = {
      kind: 'postgres',
      shown: 'postgres://u@db.example.com/chats',
      schema: 'chat_export',
    };
    const byVariable = await start({ flags: others, env: { ...env, CHAT_EXPORT_TO: to } });
    expect(byVariable.job.destination).toMatchObject(destination);
    const byFile = await start({ ...(await jobFile(`to: ${to}\n`)), flags: others });
    expect(byFile.job.destination).toMatchObject(destination);
  });
});
