import { describe, expect, test } from 'vitest';
import { env, flags, jobFile, problemsOf, start } from '../job-start.ts';

const { to: _, ...others } = flags;

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

describe('an option that the destination has no use for', () => {
  test.each([
    ['csv:out', { prune: true }, '--prune is ignored: csv:DIR holds only the users of its last run'],
    ['parquet:out', { schema: 'chats' }, '--schema chats is ignored: parquet:DIR has no schema'],
    [
      'parquet:out',
      { compress: 'gzip' },
      '--compress gzip is ignored: Parquet files are always compressed, by zstd',
    ],
    ['embedded:db', { compress: 'gzip' }, '--compress gzip is ignored: a database has no files'],
    ['postgres://db/chats', { compress: 'gzip' }, '--compress gzip is ignored: a database has no files'],
  ])('%s %j warns where it is a flag', async (destination, option, warning) => {
    const { warnings } = await start({ flags: { ...flags, to: destination, ...option } });
    expect(warnings).toEqual([warning]);
  });

  test('passes without a warning where it has one', async () => {
    const { job, warnings } = await start({ flags: { ...flags, to: 'csv:out', compress: 'gzip' } });
    expect(job.destination).toEqual({ kind: 'files', format: 'csv.gz', dir: '/work-dir/out' });
    expect(warnings).toEqual([]);
    const database = { to: 'postgres://db/chats', schema: 'chats', prune: true };
    expect((await start({ flags: { ...flags, ...database } })).warnings).toEqual([]);
  });
});

test.each([
  ['csv', 'export them elsewhere with --users DIR/unexported_users.csv --to csv:ANOTHER, or '],
  ['parquet', ''],
])('the failed users of a run cannot be retried in %s files', async (scheme, elsewhere) => {
  const { users: __, ...withoutList } = flags;
  expect(await problemsOf({ flags: { ...withoutList, to: `${scheme}:out`, 'retry-failed': '7' } })).toEqual([
    `--retry-failed 7: ${scheme}:DIR holds the snapshot of one run, and the failed users alone would take its place; ${elsewhere}run the whole list again`,
  ]);
  const to = 'postgres://db/chats';
  expect(await problemsOf({ flags: { ...withoutList, to, 'retry-failed': '7' } })).toEqual([]);
});
