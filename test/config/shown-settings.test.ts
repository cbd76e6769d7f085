import { expect, test } from 'vitest';
import { readShownSettings } from '../../src/config/shown-settings.ts';
import { env, flags, jobFile, key, start } from './job-start.ts';

const byName = (settings: Awaited<ReturnType<typeof readShownSettings>>) =>
  Object.fromEntries(settings.map(({ name, value, source }) => [name, `${value} (${source})`]));

test('settings are what was given and from where, and the defaults of the rest', async () => {
  const file = await jobFile('rate: 150\ntimeout: 5s\n');
  const { settings } = await start({ ...file, env: { ...env, CHAT_EXPORT_CONCURRENCY: '12' } });
  expect(byName([...settings])).toMatchObject({
    rate: '150 (file)',
    timeout: '5s (file)',
    concurrency: '12 (variable)',
    users: `${flags.users} (flag)`,
    'max-attempts': '8 (default)',
  });
  expect(settings.map(({ name }) => name)).not.toContain('limit');
});

test('no setting holds a secret, wherever it was put', async () => {
  const secrets = {
    CHAT_EXPORT_SECRET_KEY: key,
    CHAT_EXPORT_USERSIG: `eJw${'x'.repeat(80)}`,
    CHAT_EXPORT_TO: 'postgres://someone:hunter2@db.example.com/chats?password=hunter2&sslmode=require',
    CHAT_EXPORT_USERS_DB: 'postgres://reader:hunter2@db.example.com/users',
    CHAT_EXPORT_PING: 'https://hc.example.com/hunter2',
    CHAT_EXPORT_IDENTIFIER: key,
    CHAT_EXPORT_USERS_SQL: `select dblink('password=hunter2')`,
  };
  const settings = await readShownSettings({ flags: {}, env: secrets, file: undefined, cwd: '/srv' });
  const text = JSON.stringify(settings);
  expect(text).not.toContain('hunter2');
  expect(text).not.toContain(key);
  expect(text).not.toContain('eJwx');
  expect(byName(settings)).toMatchObject({
    to: 'postgres://someone@db.example.com/chats (variable)',
    'users-db': 'postgres://reader@db.example.com/users (variable)',
    ping: 'https://hc.example.com/… (variable)',
    identifier: '[hidden] (variable)',
    CHAT_EXPORT_SECRET_KEY: 'set, not shown (variable)',
    CHAT_EXPORT_USERSIG: 'set, not shown (variable)',
  });
});

test('a value that cannot be read shows nothing of what may be a secret', async () => {
  const settings = await readShownSettings({
    flags: {},
    env: { CHAT_EXPORT_TO: 'postgre://u:hunter2@h/d', CHAT_EXPORT_PING: 'ftp://hunter2' },
    file: undefined,
    cwd: '/srv',
  });
  expect(byName(settings)).toMatchObject({ to: '[hidden] (variable)', ping: '[hidden] (variable)' });
});

test.each(['csv:export', 'parquet:export', 'embedded:trial'])(
  'the destination %s is shown as it was given',
  async (to) => {
    const settings = await readShownSettings({ flags: { to }, env: {}, file: undefined, cwd: '/srv' });
    expect(byName(settings)).toMatchObject({ to: `${to} (flag)` });
  },
);
