import { expect, test } from 'vitest';
import { parseEndpoint } from '../../../src/config/parse/endpoint.ts';

test.each([
  ['https://chat.example.com', 'https://chat.example.com'],
  ['https://chat.example.com/', 'https://chat.example.com'],
  ['HTTPS://Chat.Example.com:443', 'https://chat.example.com'],
  ['http://localhost:8080', 'http://localhost:8080'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ['http://127.9.9.9', 'http://127.9.9.9'],
  ['http://[::1]:8080', 'http://[::1]:8080'],
])('%s is %s', (text, origin) => {
  expect(parseEndpoint(text)).toBe(origin);
});

test.each([
  'http://chat.example.com',
  'http://127.0.0.1.example.com',
  'http://localhost.example.com',
  'http://10.0.0.1',
  'http://0.0.0.0',
])('%s would send the UserSig over plain http', (text) => {
  expect(() => parseEndpoint(text)).toThrow('never travels over plain http://');
});

test.each([
  'chat.example.com',
  'ftp://chat.example.com',
  'https:chat.example.com',
  'https://',
  'https://chat.example.com/v4',
  'https://chat.example.com?x=1',
  'https://chat.example.com?',
  'https://chat.example.com#x',
  'https://user@chat.example.com',
  'https://user:hush@chat.example.com',
  'https://chat.example.com\\v4',
])('%s is not an API host', (text) => {
  expect(() => parseEndpoint(text)).toThrow('expected an API host such as https://chat.example.com');
});
