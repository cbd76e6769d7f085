import { expect, test } from 'vitest';
import { idsOf, listFile, listOf, problemsIn } from './list-file.ts';

const bad = 'x'.repeat(40);

test('so many bad lines pass, counted and listed, and the others hold the users', async () => {
  const list = listOf(await listFile(`a\n${bad}\n\nb\n${bad}\n`), { maxBad: 2 });
  expect(await idsOf(list)).toEqual(['a', 'b']);
  expect(list.counts).toEqual({ lines: 5, blank: 1, bad: 2 });
  expect(list.problems.map((problem) => /:\d+: /.exec(problem)?.[0])).toEqual([':2: ', ':5: ']);
});

test('of many that pass the first 20 are listed', async () => {
  const list = listOf(await listFile(`a\n${`${bad}\n`.repeat(30)}`), { maxBad: 30 });
  await idsOf(list);
  expect(list.counts.bad).toBe(30);
  expect(list.problems).toHaveLength(20);
});

test('one more is refused, with the first ten and how many there are', async () => {
  const problems = await problemsIn(`a\n${`${bad}\n`.repeat(13)}`, { maxBad: 12 });
  expect(problems).toHaveLength(12);
  expect(problems.slice(-2)).toEqual([
    'LIST: and 3 more invalid lines',
    'LIST: 13 invalid lines; --max-bad-lines allows 12',
  ]);
});

test('a list of nothing but bad lines that pass holds no user', async () => {
  expect(await problemsIn(`${bad}\n`, { maxBad: 1 })).toEqual(['LIST holds no user ID']);
});

test('every form counts its lines, and each line once', async () => {
  const forms = [
    ['users.txt', `a\n\n${bad}\nb\n`],
    ['users.csv', `user_id,n\na,1\n\n${bad},1\nb,\n`],
    ['users.jsonl', `"a"\n\n7.5\n"b"\n`],
  ] as const;
  for (const [name, content] of forms) {
    const list = listOf(await listFile(content, name), { maxBad: 1 });
    expect(await idsOf(list), name).toEqual(['a', 'b']);
    expect(list.counts, name).toEqual({ lines: 4, blank: 1, bad: 1 });
  }
});
