import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { InvalidDestination } from '../../../../src/destinations/contract/destination-error.ts';
import { connectionTarget } from '../../../../src/destinations/postgres/connect/connection-url.ts';
import { whenOver } from '../../../support/when-over.ts';

const target = (url: string, env: Record<string, string> = {}) => {
  const { host, address, port, user, database, parameter } = connectionTarget(url, 'postgres://test', env);
  return { host, address, port, user, database, password: parameter('password') };
};

describe('what a URL leaves open, the variables say', () => {
  const env = {
    PGHOST: 'db.example.com',
    PGPORT: '5433',
    PGUSER: 'exporter',
    PGDATABASE: 'chats',
    PGPASSWORD: 'sesam',
  };

  test('all of it', () => {
    const said = {
      host: 'db.example.com',
      port: 5433,
      user: 'exporter',
      database: 'chats',
      password: 'sesam',
    };
    expect(target('postgres://', env)).toMatchObject(said);
    expect(target('postgres:///', env)).toMatchObject(said);
  });

  test('a variable that ends with a line, as one from a file does, is read without it', () => {
    const ending = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, `${value}\r\n`]));
    expect(target('postgres://', ending)).toEqual(target('postgres://', env));
  });

  test('nothing of what the URL says', () => {
    expect(target('postgres://u@db/other', env)).toMatchObject({
      host: 'db',
      user: 'u',
      database: 'other',
      port: 5433,
    });
  });
});

test('without any host, it is the socket of a server on this machine, as for psql', async () => {
  const port = 61_234;
  const server = createServer();
  // Where PostgreSQL itself puts its sockets.
  const path = `/tmp/.s.PGSQL.${port}`;
  await new Promise<void>((resolve) => server.listen(path, resolve));
  whenOver(async () => void server.close());
  expect(existsSync(path)).toBe(true);
  expect(target(`postgres://u@:${port}/chats`)).toMatchObject({ host: '/tmp', address: '/tmp' });
  expect(target(`postgres:///chats?user=u&port=${port}`)).toMatchObject({ host: '/tmp' });
  expect(target('postgres:///chats?user=u&port=61235')).toMatchObject({ host: 'localhost' });
});

test.each([
  ['postgres://db/chats?schema=public', 'there is no parameter schema, for psql neither; leave it out'],
  [
    'postgres://db/1?hush=2@db/chats',
    'the query of the URL holds an @; in user and password, write / as %2F, @ as %40 and % as %25, and in the query @ as %40',
  ],
  [
    'postgres://db/chats?sslmode:verify-full',
    'the query of the URL holds something other than parameters; write ?NAME=VALUE&NAME=VALUE',
  ],
  [
    'postgres://db?max_protocol_version=3.9',
    'max_protocol_version (3.9) is not served here, unlike by psql; leave it out',
  ],
])('%s is refused with what to do', (url, said) => {
  expect(() => target(url)).toThrow(new InvalidDestination(`postgres://test: ${said}`));
});
