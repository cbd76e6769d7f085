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
