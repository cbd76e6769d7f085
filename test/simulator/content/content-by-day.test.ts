import { expect, test } from 'vitest';
import { changesOn } from '../../../src/simulator/content/content-by-day.ts';
import { expectedUserRows } from '../../../src/simulator/content/expected-rows.ts';
import { userId } from '../../../src/simulator/content/user-id.ts';
import { userProfile } from '../../../src/simulator/content/user-profile.ts';
import { readOptions } from '../../../src/simulator/options/read-options.ts';
import { withSimulator } from '../calling.ts';

const rowsOn = (day: number, index: number, more = {}): string =>
  JSON.stringify([...expectedUserRows(readOptions({ day, ...more }), index)]);

test.for([false, true])(
  'exactly the changed share of users has other rows the next day, oddities %s',
  (oddities) => {
    let changed = 0;
    for (let index = 0; index < 500; index++) {
      for (const day of [2, 3, 4]) {
        const differs = rowsOn(day, index, { oddities }) !== rowsOn(day - 1, index, { oddities });
        expect(differs).toBe(changesOn(readOptions({}), index, day));
        if (differs) changed++;
      }
    }
    expect(changed).toBeGreaterThan(110);
    expect(changed).toBeLessThan(200);
  },
);

test('changes add rows, take rows away and alter rows', () => {
  const counts = { more: 0, fewer: 0, same: 0 };
  for (let index = 0; index < 1_000; index++) {
    const [before, after] = [1, 2].map((day) => [
      ...expectedUserRows(readOptions({ day, changed: 1 }), index),
    ]) as [unknown[], unknown[]];
    if (after.length > before.length) counts.more++;
    else if (after.length < before.length) counts.fewer++;
    else counts.same++;
  }
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(100);
});

test('a running simulator changes to another day', async () => {
  await using caller = await withSimulator({ changed: 1 });
  const before = await caller.pages('user0000001');
  caller.simulator.change({ day: 2 });
  expect(await caller.pages('user0000001')).not.toEqual(before);
  caller.simulator.change({ day: 1 });
  expect(await caller.pages('user0000001')).toEqual(before);
});

test('some users fail or leave the app only from the second day on', async () => {
  const options = readOptions({ failingFromDay2: 0.2, notImportedFromDay2: 0.2, rate: 1_000_000 });
  await using caller = await withSimulator(options);
  const indexes = Array.from({ length: 100 }, (_, index) => index);
  for (const index of indexes) expect(userProfile(options, index).name).toBe('ordinary');
  const later = { ...options, day: 2 };
  const failing = indexes.find((index) => userProfile(later, index).name === 'failed') ?? -1;
  const leaving = indexes.find((index) => userProfile(later, index).name === 'not_in_app') ?? -1;
  for (const index of [failing, leaving]) {
    const user = userId(index, options.oddUserIds);
    caller.simulator.change({ day: 1 });
    expect((await caller.page(user)).ErrorCode).toBe(0);
    caller.simulator.change({ day: 2 });
    expect((await caller.page(user)).ErrorCode).not.toBe(0);
  }
});
