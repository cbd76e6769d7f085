import { afterAll, beforeAll, expect, test } from 'vitest';
import { SessionConnections } from '../../../../src/destinations/postgres/session/connections.ts';
import { createDatabase, type TestDatabase } from '../../../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const connections = () =>
  new SessionConnections({
    url: database.url,
    name: 'the database',
    schema: 'exports',
    sdkAppId: 1400000000,
    prepare: async () => {},
  });

// Each of two workers of a shared run that leave together would be the last otherwise.
test('a last word over a connection of its own is written as a whole or not at all', async () => {
  const word = (sql: string) =>
    connections().apart(async (client) => {
      await client.query(sql);
    });
  await word('create table public.words (word text)');
  const half = connections().apart(async (client) => {
    await client.query("insert into public.words values ('half')");
    throw new Error('lost');
  });
  await expect(half).rejects.toThrow('lost');
  await word("insert into public.words values ('whole')");
  let words: unknown;
  await connections().apart(async (client) => {
    words = (await client.query('select word from public.words')).rows;
  });
  expect(words).toEqual([{ word: 'whole' }]);
});
