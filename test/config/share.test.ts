import { expect, test } from 'vitest';
import { flags, problemsOf, start } from './job-start.ts';

const shared = { ...flags, to: 'postgres://exporter@db.example.com/analytics', share: true };

test('a run is shared when asked to, and not by default', async () => {
  expect((await start({ flags: { ...flags, to: shared.to } })).job.run.share).toBe(false);
  expect((await start({ flags: shared })).job.run.share).toBe(true);
});

test.each(['csv:out', 'parquet:out', 'embedded:db'])(
  '--share is refused for %s, with the reason',
  async (to) => {
    const [problem, ...others] = await problemsOf({ flags: { ...shared, to } });
    expect(others).toEqual([]);
    expect(problem).toMatch(/^--share: /);
  },
);

test('--share is refused for a list on standard input, which one process alone has', async () => {
  expect(await problemsOf({ flags: { ...shared, users: '-' } })).toEqual([
    '--share: standard input belongs to one process, and any process may have to read the list; name a file that all of ' +
      'them can read, or use --users-sql',
  ]);
});

test('--share is refused with --resume, with which a later process would end what the others resumed', async () => {
  const [problem, ...others] = await problemsOf({ flags: { ...shared, resume: '7' } });
  expect(others).toEqual([]);
  expect(problem).toMatch(/^--share and --resume 7 exclude each other: .*--resume-within/);
});

test('--share is refused with --wait-for-lock, since its processes join a run and do not wait for it', async () => {
  const [problem, ...others] = await problemsOf({ flags: { ...shared, 'wait-for-lock': '1h' } });
  expect(others).toEqual([]);
  expect(problem).toMatch(/^--share and --wait-for-lock 1h exclude each other: /);
});

test.each([
  { limit: '10' },
  { 'retry-failed': 'last' },
  { fresh: true },
  { 'max-duration': '1h' },
  { prune: true },
  { history: true },
])('--share is allowed with %o', async (more) => {
  const { users: _, ...withoutList } = shared;
  const given = 'retry-failed' in more ? withoutList : shared;
  expect((await start({ flags: { ...given, ...more } })).job.run.share).toBe(true);
});
