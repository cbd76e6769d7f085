import { expect, test } from 'vitest';
import { bareQuery } from '../../../../src/destinations/postgres/read/bare-query.ts';

test.each([
  ['select 1', 'select 1'],
  ['select 1;', 'select 1'],
  ['select 1 ; ;\n', 'select 1'],
  ['select 1; -- all; of them', 'select 1'],
  ['select 1 -- all\n', 'select 1'],
  ['select 1 /* a /* nested; */ comment */ ;', 'select 1'],
  ['select 1 /* never closed ;', 'select 1'],
  ['\n select 1', '\n select 1'],
  [' ; -- nothing\n/* at all */', ''],
  ["select ';'", "select ';'"],
  ["select '-- x';", "select '-- x'"],
  ["select 'it''s;' ;", "select 'it''s;'"],
  ["select E'it\\'s; --' ;", "select E'it\\'s; --'"],
  ["select date'2026-01-01\\';", "select date'2026-01-01\\'"],
  ['select "a;--b";', 'select "a;--b"'],
  ['select $$;--$$;', 'select $$;--$$'],
  ['select $tag$ $$; $tag$ ; --', 'select $tag$ $$; $tag$'],
  ['select a$b$c; -- $b$', 'select a$b$c'],
  ['select 1 -- not the end\n + 1; -- the end', 'select 1 -- not the end\n + 1'],
  ['select 1; select 2;', 'select 1; select 2'],
  ["select 'open; --", "select 'open"],
])('%j is %j', (sql, bare) => {
  expect(bareQuery(sql)).toBe(bare);
});

test('a long query takes no long time', () => {
  const before = process.cpuUsage();
  for (const piece of ["'", '"', '$$', '/*', '--', 'a', ';', "e'\\", '$a']) bareQuery(piece.repeat(30_000));
  // Of the processor's time: what else the machine does is not counted.
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(20);
});
