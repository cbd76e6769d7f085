import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { key, start } from './job-start.ts';

const cwd = fileURLToPath(new URL('../../jobs', import.meta.url));

test('jobs/nightly.yaml is a job once its variables are set', async () => {
  const { job, warnings } = await start({
    cwd,
    file: 'nightly.yaml',
    flags: {},
    env: {
      CHAT_USERS_FILE: '/srv/chat/users.txt',
      WAREHOUSE_URL: 'postgres://exporter:hush@warehouse.example.com/analytics',
      CHAT_SDK_APP_ID: '1400000000',
      CHAT_SECRET_KEY_FILE: '/nowhere',
      CHAT_EXPORT_SECRET_KEY: key,
    },
  });
  expect(warnings).toEqual([]);
  expect(job).toMatchObject({
    name: 'nightly',
    users: { file: '/srv/chat/users.txt' },
    destination: { kind: 'postgres', shown: 'postgres://exporter@warehouse.example.com/analytics' },
    pull: { rate: 200, maxOutageMs: 1_800_000 },
    run: { resumeWithinMs: 72_000_000 },
  });
});

test('jobs/migration.yaml is a job once a secret key is set', async () => {
  const { job, warnings } = await start({ cwd, file: 'migration.yaml', flags: {} });
  expect(warnings).toEqual([]);
  expect(job).toMatchObject({
    name: 'migration',
    users: { file: `${cwd}/migration/users.txt` },
    destination: { kind: 'files', format: 'csv', dir: `${cwd}/migration/export` },
    pull: { rate: 50 },
  });
});
