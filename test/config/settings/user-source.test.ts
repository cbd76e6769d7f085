import { describe, expect, test } from 'vitest';
import { cwd, env, flags, jobFile, problemsOf, start } from '../job-start.ts';

const { users: _, ...others } = flags;
const query = { 'users-sql': 'select user_id from users' } as const;
const db = 'postgres://reader@crm.example.com/crm';

test('the options of a user list have defaults and reach their places', async () => {
  expect((await start()).job.users).toEqual({
    file: `${cwd}/users.txt`,
    query: null,
    failedOf: null,
    column: null,
    maxBadLines: 0,
    tempDir: null,
  });
  const { job } = await start({
    flags: { ...flags, 'user-column': 'ID', 'max-bad-lines': '7', 'temp-dir': 'tmp' },
  });
  expect(job.users).toMatchObject({ column: 'ID', maxBadLines: 7, tempDir: `${cwd}/tmp` });
});

describe('a query', () => {
  test('asks the destination unless another database is named', async () => {
    const to = 'postgres://u@db.example.com/chats';
    const own = await start({ flags: { ...others, ...query, to } });
    expect(own.job.users).toMatchObject({
      file: null,
      query: { sql: query['users-sql'], database: { option: '--to', shown: to } },
    });
    const embedded = await start({ flags: { ...others, ...query, to: 'embedded:db' } });
    expect(embedded.job.users.query?.database).toEqual({
      option: '--to',
      kind: 'embedded',
      dir: `${cwd}/db`,
    });
    const named = await start({ flags: { ...others, ...query, 'users-db': db } });
    expect(named.job.users.query?.database).toMatchObject({ option: '--users-db', shown: db });
    const aside = await start({ flags: { ...others, ...query, 'users-db': 'embedded:crm' } });
    expect(aside.job.users.query?.database).toEqual({
      option: '--users-db',
      kind: 'embedded',
      dir: `${cwd}/crm`,
    });
  });

  test('may have several lines in a job file', async () => {
    const file = await jobFile(
      `users-db: ${db}\nusers-sql: |\n  select user_id\n\n  from users -- all\n  order by 1;\n`,
    );
    const { job } = await start({ ...file, flags: others });
    expect(job.users.query?.sql).toBe('select user_id\n\nfrom users -- all\norder by 1;\n');
    expect(await problemsOf({ flags: { ...others, 'users-db': db, 'users-sql': 'select\u0007' } })).toEqual([
      '--users-sql "select\\u0007": holds a control character or half a character',
    ]);
  });

  test('has no database to ask if the destination is files', async () => {
    expect(await problemsOf({ flags: { ...others, ...query } })).toEqual([
      '--users-sql: a csv: destination has no database to ask; name one with --users-db postgres://… or embedded:DIR',
    ]);
  });

  test('and a file exclude each other, and a flag beats other sources', async () => {
    expect(await problemsOf({ flags: { ...flags, ...query, 'users-db': db } })).toEqual([
      'both a user list and a query for one are given (--users users.txt and --users-sql select user_id from users); keep one of them',
    ]);
    const file = await jobFile(`users-sql: select 1\nusers-db: ${db}\n`);
    expect((await start({ ...file, flags })).job.users).toMatchObject({
      file: `${file.cwd}/users.txt`,
      query: null,
      failedOf: null,
    });
    const listInFile = await jobFile('users: users.txt\n');
    const byFlag = await start({ ...listInFile, flags: { ...others, ...query, 'users-db': db } });
    expect(byFlag.job.users).toMatchObject({ file: null, query: { sql: query['users-sql'] } });
  });

  test('is missing where only a database is named for it', async () => {
    expect(await problemsOf({ flags: { ...flags, 'users-db': db } })).toEqual([
      '--users-db: it needs --users-sql; add that, or leave it out',
    ]);
    const file = await jobFile('users-sql: select 1\n');
    expect(await problemsOf({ ...file, flags: { ...flags, 'users-db': db } })).toHaveLength(1);
  });
});

describe('the database of a query', () => {
  const secret = 'postgres://reader:hush@crm.example.com/crm';

  test('has its password in a variable or the job file, not in a flag', async () => {
    expect(await problemsOf({ flags: { ...others, ...query, 'users-db': secret } })).toEqual([
      '--users-db: every user of this machine can see a password on the command line; put the URL into CHAT_EXPORT_USERS_DB, or the password into PGPASSWORD or ~/.pgpass',
    ]);
    const { job } = await start({
      flags: { ...others, ...query },
      env: { ...env, CHAT_EXPORT_USERS_DB: secret },
    });
    expect(job.users.query?.database).toMatchObject({ shown: db });
    expect(JSON.stringify(job)).not.toContain('hush');
  });

  test.each(['csv:out', 'crm', 'mysql://reader:hush@crm', 'postgres://reader:hu/sh@crm'])(
    '%s is refused, and not repeated',
    async (wrong) => {
      const problems = await problemsOf({ flags: { ...others, ...query, 'users-db': wrong } });
      expect(problems).toEqual([
        expect.stringMatching(
          /^--users-db: (expected a database: postgres:\/\/…|in user and password, write)/,
        ),
      ]);
      expect(problems.join()).not.toMatch(/hu/);
    },
  );
});
